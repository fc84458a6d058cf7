package io.aestus.cli;

import io.aestus.store.ImageStore;
import io.aestus.store.StoredImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus image export}: the archive whose hash is the image's ID. */
final class ImageExportCommand implements Command {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = Options.command(
                        "export",
                        "Writes an image's archive to a file, uncompressed: its SHA-512 is the image's ID.",
                        "aestus image export example.com/shop/web:2.1.0 web.aci")
                .addOption(Options.flag("--overwrite", "replace the file if it is there"))
                .addPositional(Options.words("IMAGE FILE", "2", "the image, and the file to write"));
        spec.usageMessage().customSynopsis("aestus image export [OPTIONS] IMAGE FILE");
        return spec;
    }

    @Override
    public int run(ParseResult arguments, Session session) throws IOException {
        List<String> words = Options.words(arguments);
        ImageStore images = session.images();
        StoredImage image = images.resolve(words.get(0));
        new NewFile(Path.of(words.get(1)), NewFile.Existing.of(Options.isSet(arguments, "--overwrite"))).write(out -> {
            images.export(image.id(), out);
            return image.id();
        });
        return ExitCode.DONE;
    }
}
