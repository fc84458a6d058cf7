package io.aestus.cli;

import java.util.List;

/** {@code aestus repo}: images for others. */
final class RepoCommands {
    private RepoCommands() {}

    static CommandGroup group() {
        return CommandGroup.of(
                "repo",
                "Publishes images for other hosts.",
                new Commands(List.of(new Commands.Entry(
                        "serve", "publish a directory of images over https", RepoServeCommand::new))));
    }
}
