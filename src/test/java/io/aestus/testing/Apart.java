package io.aestus.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Programs of the tests that need a process with namespaces of its own. */
final class Apart {
    private static final long PATIENCE_SECONDS = 600;

    private Apart() {}

    /**
     * Runs a program to its good end, in a mount namespace and others.
     *
     * @param entering goes before the whole command
     * @param namespaces more of them, as unshare(1) calls them
     * @param first what a shell does in them before
     */
    static void run(
            Path directory,
            List<String> entering,
            List<String> namespaces,
            String first,
            Class<?> program,
            String... arguments)
            throws Exception {
        var command = new ArrayList<>(entering);
        command.addAll(List.of("unshare", "--mount", "--propagation", "private"));
        command.addAll(namespaces);
        command.addAll(List.of("sh", "-c", first + " && exec \"$@\"", "sh"));
        behind(command, directory, program, arguments);
    }

    /** Runs a program to its good end, behind a command that takes another one as its last arguments. */
    static void behind(List<String> entering, Path directory, Class<?> program, String... arguments)
            throws IOException, InterruptedException {
        var command = new ArrayList<>(entering);
        command.addAll(PackedProgram.of(program));
        command.addAll(List.of(arguments));
        Path said = directory.resolve("said");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), program.getSimpleName() + " goes on");
            assertEquals(0, process.exitValue(), () -> read(said));
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
