package io.aestus.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** The agent as it is packaged, started as bin/aestus starts it. */
final class PackagedAgent {
    private static final Path APPLICATION = Path.of("target/quarkus-app").toAbsolutePath();

    private PackagedAgent() {}

    /** What starts it with these options of {@code aestus agent}. */
    static List<String> command(String... options) throws IOException {
        Path run = Files.copy(
                Path.of("scripts/agent-run"),
                APPLICATION.resolve("run"),
                StandardCopyOption.REPLACE_EXISTING,
                StandardCopyOption.COPY_ATTRIBUTES);
        var command = new ArrayList<>(List.of(
                run.toString(),
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "agent"));
        command.addAll(List.of(options));
        return command;
    }
}
