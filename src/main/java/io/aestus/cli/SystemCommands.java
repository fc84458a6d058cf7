package io.aestus.cli;

import java.util.List;

/** {@code aestus system}: the data directory as a whole. */
final class SystemCommands {
    private SystemCommands() {}

    static CommandGroup group() {
        return CommandGroup.of(
                "system",
                "Looks after the data directory as a whole.",
                new Commands(List.of(
                        new Commands.Entry("df", "say what images and pods take on disk", SystemDfCommand::new),
                        new Commands.Entry(
                                "prune", "remove everything that nothing uses now", SystemPruneCommand::new))));
    }
}
