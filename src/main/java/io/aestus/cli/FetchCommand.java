package io.aestus.cli;

import io.aestus.appc.ImageId;
import io.aestus.fetch.FetchPolicy;
import io.aestus.fetch.ImageFetcher;
import io.aestus.fetch.ImageReference;
import io.aestus.fetch.Progress;
import io.aestus.fetch.PullPolicy;
import io.aestus.json.Json;
import io.aestus.store.StoredImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus fetch}: finds, receives and verifies images, and prints their IDs. */
final class FetchCommand implements Command {
    /** As many digits as rkt prints without {@code --full}. */
    private static final int SHORT_DIGITS = 32;

    private List<RunArguments.Image> images = List.of();

    @Override
    public CommandSpec spec() {
        CommandSpec spec = addOptions(Options.command(
                "fetch",
                "Finds images, receives and verifies them with all they depend on, and prints their IDs.",
                "aestus fetch example.com/shop/web:2.1.0",
                "aestus fetch ./web.aci --signature web.asc",
                "aestus fetch --pull-policy=never --full example.com/shop/web",
                "aestus --insecure-options=image fetch docker://nginx:1.27"));
        spec.usageMessage()
                .customSynopsis("aestus fetch [OPTIONS] IMAGE [--signature FILE] …")
                .description(
                        "Finds images, receives and verifies them with all they depend on, and prints their IDs.",
                        "An image is a name with labels, a file, a URL that ends in .aci, or docker:// and the name of an OCI image.",
                        "");
        return spec;
    }

    private static CommandSpec addOptions(CommandSpec spec) {
        return spec.addOption(Options.flag("--full", "whole IDs"))
                .addOption(Options.value("--pull-policy", "POLICY", "update (default), new or never"))
                .addOption(Options.flag("--store-only", "the same as --pull-policy=never"))
                .addOption(Options.flag("--no-store", "the same as --pull-policy=update"))
                .addOption(Options.flag("--any-platform", "a URL or file may hold an image for other hosts"))
                .addOption(signature());
    }

    private static OptionSpec signature() {
        return Options.value("--signature", "FILE", "the signature of the image before it, or of the only one");
    }

    @Override
    public List<String> prepare(List<String> words) {
        int command = GlobalOptions.indexOfCommand(words);
        CommandSpec known = addOptions(GlobalOptions.root(GlobalOptions.Shown.HIDDEN));
        CommandSpec ofImage = CommandSpec.create().addOption(signature());
        var split = RunArguments.split(words.subList(command + 1, words.size()), known, ofImage);
        images = split.images();
        var rest = new ArrayList<>(words.subList(0, command + 1));
        rest.addAll(split.pod());
        return rest;
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        check(arguments);
        FetchPolicy policy = policy(arguments, session);
        ImageFetcher fetcher = session.fetcher();
        Progress progress = session.progress();
        boolean isText = session.options().format() == GlobalOptions.Format.TEXT;
        boolean full = Options.isSet(arguments, "--full");
        var fetched = new ArrayList<StoredImage>();
        for (RunArguments.Image image : images) {
            FetchPolicy ofImage = signature(arguments, image)
                    .map(file -> policy.signedBy(Path.of(file)))
                    .orElse(policy);
            StoredImage stored = fetcher.fetch(ImageReference.parse(image.reference()), ofImage, progress);
            fetched.add(stored);
            if (isText) {
                session.out().println(shown(stored.id(), full));
                session.out().flush();
            }
        }
        if (!isText) {
            session.output().print(Json.array(fetched, ImageForms::json), _ -> {});
        }
        return ExitCode.DONE;
    }

    private static FetchPolicy policy(ParseResult arguments, Session session) {
        FetchPolicy policy = session.fetchPolicy(pull(arguments));
        return Options.isSet(arguments, "--any-platform") ? policy.forAnyPlatform() : policy;
    }

    private void check(ParseResult arguments) {
        if (images.isEmpty()) {
            throw new WrongUsage("no image is named");
        }
        if (images.stream().anyMatch(image -> !image.arguments().isEmpty())) {
            throw new WrongUsage("an image that is only fetched takes no arguments");
        }
        if (Options.value(arguments, "--signature").isPresent() && images.size() > 1) {
            throw new WrongUsage("--signature must follow the image that it belongs to");
        }
    }

    private static PullPolicy pull(ParseResult arguments) {
        boolean storeOnly = Options.isSet(arguments, "--store-only");
        boolean noStore = Options.isSet(arguments, "--no-store");
        if (storeOnly && noStore) {
            throw new WrongUsage("--store-only and --no-store exclude each other");
        }
        PullPolicy otherwise = storeOnly ? PullPolicy.NEVER : PullPolicy.UPDATE;
        return Options.parsed(arguments, "--pull-policy", PullPolicy::parse).orElse(otherwise);
    }

    private static Optional<String> signature(ParseResult arguments, RunArguments.Image image) {
        if (image.options().isEmpty()) {
            return Options.value(arguments, "--signature");
        }
        var spec = CommandSpec.create().addOption(signature());
        return Options.value(new CommandLine(spec).parseArgs(image.options().toArray(String[]::new)), "--signature");
    }

    private static String shown(ImageId id, boolean full) {
        return full ? id.toString() : ImageId.PREFIX + id.hex().substring(0, SHORT_DIGITS);
    }
}
