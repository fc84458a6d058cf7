package io.aestus.cli;

import java.util.List;

/** {@code aestus network}: the networks that pods can be in. */
final class NetworkCommands {
    private NetworkCommands() {}

    static CommandGroup group() {
        return CommandGroup.of(
                "network",
                "Shows the networks that pods can be in, and asks their plugins.",
                new Commands(List.of(
                        new Commands.Entry("list", "list the networks of this host", NetworkListCommand::new),
                        new Commands.Entry(
                                "check",
                                "ask whether pods are still attached as they were",
                                NetworkCheckCommand::new))));
    }
}
