package io.aestus.cli;

import io.aestus.Quoted;
import io.aestus.store.StoredImage;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus image list}. */
final class ImageListCommand implements Command {
    private static final String FIELDS = "id,name,size,importtime,lastused";

    @Override
    public CommandSpec spec() {
        return Options.command(
                        "list",
                        "Lists the images in the store.",
                        "aestus image list",
                        "aestus image list --sort=size --order=desc --fields=name,size",
                        "aestus image list --format=json")
                .addOption(Options.value("--fields", "FIELD,…", FIELDS + " (default), and signer"))
                .addOption(Options.value("--sort", "FIELD", "importtime (default), lastused, name or size"))
                .addOption(Options.value("--order", "ORDER", "asc (default) or desc"))
                .addOption(Options.flag("--full", "whole IDs, exact sizes and times"))
                .addOption(Options.noLegend());
    }

    @Override
    public int run(ParseResult arguments, Session session) throws IOException {
        Comparator<StoredImage> order = order(arguments);
        var legend = Options.legend(arguments);
        var columns = columns(arguments, Instant.now());
        var images = new ArrayList<>(session.allImages());
        images.sort(order);
        session.output().print(new Table<>(columns, ImageForms::json, legend), images);
        return ExitCode.DONE;
    }

    /** Written out, since the JDK's combined comparators are made anew, slowly, in each process. */
    private static Comparator<StoredImage> order(ParseResult arguments) {
        String sort = Options.value(arguments, "--sort").orElse("importtime");
        Comparator<StoredImage> order =
                switch (sort) {
                    case "name" -> (one, other) -> ImageForms.name(one).compareTo(ImageForms.name(other));
                    case "size" -> (one, other) -> Long.compare(one.bytes(), other.bytes());
                    case "importtime" ->
                        (one, other) ->
                                one.record().imported().compareTo(other.record().imported());
                    case "lastused" -> (one, other) -> one.lastUsed().compareTo(other.lastUsed());
                    default ->
                        throw new WrongUsage(
                                "cannot sort by " + Quoted.of(sort) + ": expected importtime, lastused, name or size");
                };
        String direction = Options.value(arguments, "--order").orElse("asc");
        int sign =
                switch (direction) {
                    case "asc" -> 1;
                    case "desc" -> -1;
                    default ->
                        throw new WrongUsage("cannot order by " + Quoted.of(direction) + ": expected asc or desc");
                };
        return (one, other) -> {
            int difference = order.compare(one, other);
            return sign * (difference != 0 ? difference : one.id().compareTo(other.id()));
        };
    }

    private static List<Table.Column<StoredImage>> columns(ParseResult arguments, Instant now) {
        Map<String, Table.Column<StoredImage>> known = known(Options.isSet(arguments, "--full"), now);
        var columns = new ArrayList<Table.Column<StoredImage>>();
        for (String field : Options.value(arguments, "--fields").orElse(FIELDS).split(",", -1)) {
            Table.Column<StoredImage> column = known.get(field);
            if (column == null) {
                throw new WrongUsage("cannot show " + Quoted.of(field) + ": expected any of " + FIELDS + ",signer");
            }
            columns.add(column);
        }
        return columns;
    }

    private static Map<String, Table.Column<StoredImage>> known(boolean full, Instant now) {
        Function<Instant, String> time = at -> full ? at.toString() : PodForms.ago(at, now);
        var known = new LinkedHashMap<String, Table.Column<StoredImage>>();
        known.put(
                "id",
                new Table.Column<>(
                        "ID", image -> full ? image.id().toString() : image.id().abbreviated()));
        known.put("name", new Table.Column<>("NAME", ImageForms::name));
        known.put(
                "size",
                new Table.Column<>(
                        "SIZE", image -> full ? Long.toString(image.bytes()) : Figures.bytes(image.bytes())));
        known.put(
                "importtime",
                new Table.Column<>(
                        "IMPORT TIME", image -> time.apply(image.record().imported())));
        known.put("lastused", new Table.Column<>("LAST USED", image -> time.apply(image.lastUsed())));
        known.put("signer", new Table.Column<>("SIGNER", image -> signers(image, full)));
        return known;
    }

    private static String signers(StoredImage image, boolean full) {
        if (image.record().signers().isEmpty()) {
            return "none";
        }
        return String.join(
                ",",
                image.record().signers().stream()
                        .map(signer -> full ? signer : signer.substring(Math.max(0, signer.length() - 16)))
                        .toList());
    }
}
