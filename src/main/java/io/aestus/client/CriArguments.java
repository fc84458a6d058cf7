package io.aestus.client;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What {@code aestus cri} was asked.
 *
 * @param socket where the agent listens: as said, or where it does by itself for the same data directory
 * @param words the command and its operands; {@code version} if there are none
 */
record CriArguments(Path socket, List<String> words) {
    private static final String DEFAULT_DIR = "/var/lib/aestus";

    /** Options that every command of Aestus takes, and that say nothing here. */
    private static final Set<String> IGNORED_WITH_VALUE =
            Set.of("--config-dir", "--ca-file", "--insecure-options", "--format", "--log-level");

    CriArguments {
        words = List.copyOf(words);
    }

    /**
     * Reads the arguments. Options end with the first word that is none, so that those of a command to run are its own.
     *
     * @throws IllegalArgumentException with a message for the user
     */
    static CriArguments parse(List<String> args, Map<String, String> environment) {
        String socket = environment.getOrDefault("AESTUS_CRI_SOCKET", "");
        String dir = environment.getOrDefault("AESTUS_DIR", DEFAULT_DIR);
        var words = new ArrayList<>(args);
        while (!words.isEmpty()
                && (words.getFirst().startsWith("-") || words.getFirst().equals("cri"))) {
            String word = words.removeFirst();
            int equals = word.indexOf('=');
            String name = equals < 0 ? word : word.substring(0, equals);
            if (name.equals("--socket") || name.equals("--dir") || IGNORED_WITH_VALUE.contains(name)) {
                if (equals < 0 && words.isEmpty()) {
                    throw new IllegalArgumentException(name + " needs a value");
                }
                String value = equals < 0 ? words.removeFirst() : word.substring(equals + 1);
                socket = name.equals("--socket") ? value : socket;
                dir = name.equals("--dir") ? value : dir;
            } else if (!Set.of("cri", "--debug", "--no-color").contains(name)) {
                throw new IllegalArgumentException("unknown option " + name);
            }
        }
        return new CriArguments(
                socket.isEmpty() ? socketOf(Path.of(dir)) : Path.of(socket),
                words.isEmpty() ? List.of("version") : words);
    }

    /** As the agent chooses it when nobody has set it. */
    private static Path socketOf(Path dir) {
        Path run = dir.equals(Path.of(DEFAULT_DIR)) ? Path.of("/run/aestus") : dir.resolve("run");
        return run.resolve("cri.sock");
    }
}
