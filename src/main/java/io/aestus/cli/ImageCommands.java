package io.aestus.cli;

import java.util.List;

/** {@code aestus image}: what can be done with images besides running them. */
final class ImageCommands {
    private ImageCommands() {}

    static CommandGroup group() {
        return CommandGroup.of(
                "image",
                "Builds images, and looks after those in the store. There an image is named by its ID, a beginning of"
                        + " that with two digits or more, a name with labels, or the name of an OCI image.",
                new Commands(List.of(
                        new Commands.Entry("build", "make an image of a directory", ImageBuildCommand::new),
                        new Commands.Entry(
                                "validate", "check archives without storing them", ImageValidateCommand::new),
                        new Commands.Entry(
                                "import", "bring OCI images of files into the store", ImageImportCommand::new),
                        new Commands.Entry("list", "list the images in the store", ImageListCommand::new),
                        new Commands.Entry("du", "say what images take on disk", ImageDuCommand::new),
                        new Commands.Entry("rm", "remove images from the store", ImageRmCommand::new),
                        new Commands.Entry("gc", "remove images that were not used for some time", ImageGcCommand::new),
                        new Commands.Entry("cat-manifest", "print an image's manifest", ImageCatManifestCommand::new),
                        new Commands.Entry(
                                "extract",
                                "write an image's own files to a directory",
                                () -> new ImageFilesCommand(ImageFilesCommand.Which.OWN)),
                        new Commands.Entry(
                                "render",
                                "write an image's files, with all it depends on, to a directory",
                                () -> new ImageFilesCommand(ImageFilesCommand.Which.ALL)),
                        new Commands.Entry("export", "write an image's archive to a file", ImageExportCommand::new),
                        new Commands.Entry("verify", "compare images with their archives", ImageVerifyCommand::new))));
    }
}
