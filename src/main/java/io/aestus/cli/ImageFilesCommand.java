package io.aestus.cli;

import io.aestus.linux.Fd;
import io.aestus.store.ImageStore;
import io.aestus.store.StoredImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus image extract} and {@code render}: an image's files as a directory. */
final class ImageFilesCommand implements Command {
    private static final int MANIFEST_MODE = 0644;

    /** Which files. */
    enum Which {
        /** The image's own. */
        OWN,
        /** With those of all it depends on, as an app sees them. */
        ALL
    }

    private final Which which;

    ImageFilesCommand(Which which) {
        this.which = which;
    }

    private String name() {
        return which == Which.OWN ? "extract" : "render";
    }

    @Override
    public CommandSpec spec() {
        String what = which == Which.OWN ? "an image's own files" : "an image's files, with all it depends on,";
        CommandSpec spec = Options.command(
                        name(),
                        "Writes " + what + " to a new directory: a manifest, and the files below rootfs.",
                        "aestus image " + name() + " example.com/shop/web:2.1.0 web",
                        "aestus image " + name() + " --rootfs-only --overwrite sha512-6f3c rootfs")
                .addOption(Options.flag("--rootfs-only", "the directory is the root file system itself"))
                .addOption(Options.flag("--overwrite", "replace the directory if it is there"))
                .addPositional(Options.words("IMAGE DIR", "2", "the image, and the directory to make"));
        spec.usageMessage().customSynopsis("aestus image " + name() + " [OPTIONS] IMAGE DIR");
        return spec;
    }

    @Override
    public int run(ParseResult arguments, Session session) throws IOException {
        List<String> words = Options.words(arguments);
        ImageStore images = session.images();
        StoredImage image = images.resolve(words.get(0));
        boolean isRootOnly = Options.isSet(arguments, "--rootfs-only");
        new NewFile(Path.of(words.get(1)), NewFile.Existing.of(Options.isSet(arguments, "--overwrite")))
                .fill(directory -> {
                    switch (which) {
                        case OWN -> images.extract(image.id(), directory);
                        case ALL -> {
                            images.render(image.id(), directory);
                            try (Fd manifest = directory.createFile("manifest", MANIFEST_MODE)) {
                                manifest.writeFully(images.manifestBytes(image.id()));
                            }
                        }
                    }
                    return isRootOnly ? "rootfs" : "";
                });
        return ExitCode.DONE;
    }
}
