package io.aestus.agent;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The program {@code aestus agent}. Its settings come, in rising order, from {@code /usr/lib/aestus/aestus.properties},
 * {@code /etc/aestus/aestus.properties}, the directory of {@code --config-dir}, the environment ({@code AESTUS_DIR}) and
 * the command line.
 */
@QuarkusMain
public final class Agent {
    private static final List<Path> CONFIG_DIRS = List.of(Path.of("/usr/lib/aestus"), Path.of("/etc/aestus"));

    private Agent() {}

    /** Runs until it is told to stop; apps run on. */
    public static void main(String[] args) {
        AgentArguments arguments;
        try {
            arguments = AgentArguments.parse(List.of(args));
        } catch (IllegalArgumentException e) {
            System.err.println("aestus: " + e.getMessage());
            System.exit(2);
            return;
        }
        arguments.settings().forEach(System::setProperty);
        System.setProperty("smallrye.config.locations", locations(arguments));
        Quarkus.run();
    }

    private static String locations(AgentArguments arguments) {
        var locations = new StringBuilder();
        // The first location wins.
        arguments.configDir().ifPresent(dir -> append(locations, dir));
        append(locations, CONFIG_DIRS.get(1));
        append(locations, CONFIG_DIRS.get(0));
        return locations.toString();
    }

    private static void append(StringBuilder locations, Path dir) {
        Path file = dir.resolve("aestus.properties");
        if (Files.isReadable(file)) {
            locations.append(locations.isEmpty() ? "" : ",").append(file.toUri());
        }
    }
}
