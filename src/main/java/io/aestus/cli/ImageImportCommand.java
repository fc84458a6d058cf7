package io.aestus.cli;

import io.aestus.fetch.FetchPolicy;
import io.aestus.fetch.ImageImport;
import io.aestus.json.Json;
import io.aestus.oci.OciReference;
import io.aestus.store.StoredImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus image import}: OCI images of this host. */
final class ImageImportCommand implements Command {
    /** How other tools say what a file is; it is seen from the file. */
    private static final List<String> TRANSPORTS = List.of("docker-archive:", "oci-archive:", "oci:");

    @Override
    public CommandSpec spec() {
        CommandSpec spec = Options.command(
                        "import",
                        "Brings OCI images into the store, and prints their IDs: from a directory of the OCI layout, an archive"
                                + " of one, or what docker save writes. Nothing vouches for them: they run by their IDs, or by"
                                + " their names with --insecure-options=image.",
                        "aestus image import nginx.tar",
                        "aestus image import oci:./layout --name=example.com/shop/web:2.1.0",
                        "aestus image import docker-archive:saved.tar")
                .addOption(
                        Options.value("--name", "NAME", "what the image is called, instead of what the archive says"))
                .addOption(Options.flag("--any-platform", "the image may be for other hosts"))
                .addPositional(Options.words("PATH", "1", "a file or directory"));
        spec.usageMessage().customSynopsis("aestus image import [OPTIONS] PATH");
        return spec;
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        Optional<OciReference> name = Options.parsed(arguments, "--name", ImageImportCommand::name);
        FetchPolicy.Platforms platforms = Options.isSet(arguments, "--any-platform")
                ? FetchPolicy.Platforms.ANY
                : FetchPolicy.Platforms.THIS_HOST;
        Path path = path(Options.words(arguments).getFirst());
        List<StoredImage> images = new ImageImport(session.images()).run(path, name, platforms, session.progress());
        session.output()
                .print(
                        Json.array(images, ImageForms::json),
                        to -> images.forEach(image -> to.println(image.id().toString())));
        return ExitCode.DONE;
    }

    private static OciReference name(String text) {
        return OciReference.parse(
                text.startsWith(OciReference.SCHEME) ? text.substring(OciReference.SCHEME.length()) : text);
    }

    private static Path path(String word) {
        for (String transport : TRANSPORTS) {
            if (word.startsWith(transport)) {
                return Path.of(word.substring(transport.length()));
            }
        }
        return Path.of(word);
    }
}
