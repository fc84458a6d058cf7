package io.aestus.cli;

import io.aestus.Quoted;
import io.aestus.appc.AbsolutePath;
import io.aestus.appc.AcName;
import io.aestus.appc.ImageId;
import io.aestus.appc.Quantity;
import io.aestus.appc.Volume;
import io.aestus.fetch.FetchPolicy;
import io.aestus.fetch.ImageReference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.ParseResult;

/**
 * What {@code --volume} says.
 *
 * @param images from what an image is called to the one in the store
 */
record VolumeOptions(Function<String, ImageId> images) {
    /** Stands for one that is not asked for yet: what is misspelt is said before anything is fetched. */
    private static final ImageId UNKNOWN = new ImageId("0".repeat(128));

    /** With images that are fetched if they are not there. */
    static VolumeOptions fetching(Session session, FetchPolicy policy) {
        return new VolumeOptions(image -> session.fetcher()
                .fetch(ImageReference.parse(image), policy, session.progress())
                .id());
    }

    /** Without images. */
    static VolumeOptions ofFiles(String option) {
        return new VolumeOptions(_ -> {
            throw new WrongUsage("cannot read " + option + ": a volume of kind image is one of the whole pod")
                    .withRemedy("--volume NAME,kind=image,source=IMAGE");
        });
    }

    /** The volumes of {@code --volume}. */
    List<Volume> read(ParseResult arguments) {
        var volumes = new ArrayList<Volume>();
        for (String text : Options.values(arguments, "--volume")) {
            volumes.add(volume(text));
        }
        return volumes;
    }

    /** What a volume is, said as in {@code --volume}. */
    Volume volume(String text) {
        String[] parts = text.split(",", -1);
        AcName name = AcName.parse(parts[0]);
        var fields = new LinkedHashMap<String, String>();
        for (int i = 1; i < parts.length; i++) {
            String[] sides = RunOptions.pair(parts[i], "--volume " + parts[0]);
            fields.put(sides[0], sides[1]);
        }
        String kind = fields.getOrDefault("kind", "");
        boolean readOnly = Boolean.parseBoolean(take(fields, "readOnly", "false"));
        fields.remove("kind");
        String image = kind.equals("image") ? take(fields, "source", "") : "";
        Volume volume =
                switch (kind) {
                    case "host" ->
                        new Volume.Host(
                                name,
                                AbsolutePath.parse(take(fields, "source", "")),
                                readOnly,
                                Boolean.parseBoolean(take(fields, "recursive", "true")));
                    case "empty" ->
                        new Volume.Empty(
                                name,
                                readOnly,
                                mode(take(fields, "mode", "0755")),
                                id(take(fields, "uid", "0")),
                                id(take(fields, "gid", "0")),
                                medium(take(fields, "medium", "disk")),
                                Optional.ofNullable(fields.remove("size")).map(Quantity::parse));
                    case "image" -> new Volume.Image(name, UNKNOWN, take(fields, "subPath", ""));
                    default ->
                        throw new WrongUsage(
                                "cannot read --volume " + Quoted.of(text) + ": kind must be host, empty or image");
                };
        if (!fields.isEmpty()) {
            throw new WrongUsage("cannot read --volume " + Quoted.of(text) + ": unknown "
                    + Quoted.of(fields.keySet().iterator().next()));
        }
        return volume instanceof Volume.Image files ? resolved(files, image, text) : volume;
    }

    private static Volume.Medium medium(String word) {
        return switch (word) {
            case "disk" -> Volume.Medium.DISK;
            case "memory" -> Volume.Medium.MEMORY;
            default ->
                throw new WrongUsage("cannot read --volume: medium must be disk or memory, not " + Quoted.of(word));
        };
    }

    private static int mode(String octal) {
        if (!octal.matches("[0-7]{1,4}")) {
            throw new WrongUsage("cannot read --volume: " + Quoted.of(octal) + " is no mode such as 0755");
        }
        return Integer.parseInt(octal, 8);
    }

    private static long id(String number) {
        if (!number.matches("\\d{1,10}")) {
            throw new WrongUsage("cannot read --volume: " + Quoted.of(number) + " is no number of a user or group");
        }
        return Long.parseLong(number);
    }

    private static String take(Map<String, String> fields, String name, String otherwise) {
        String value = fields.remove(name);
        return value == null ? otherwise : value;
    }

    private Volume resolved(Volume.Image files, String image, String text) {
        if (image.isEmpty()) {
            throw new WrongUsage("cannot read --volume " + Quoted.of(text) + ": it needs source=IMAGE");
        }
        return new Volume.Image(files.name(), images.apply(image), files.path());
    }
}
