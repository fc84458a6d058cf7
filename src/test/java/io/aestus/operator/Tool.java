package io.aestus.operator;

import io.aestus.testing.TestTier;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A foreign program that tests run: from the cache of scripts/cluster-tools, else from the system. */
public final class Tool {
    /**
     * How it ended.
     *
     * @param output both streams
     */
    public record Outcome(int code, String output) {
        /** Fails the test unless the tool ended well. */
        public Outcome orFail() {
            if (code != 0) {
                throw new AssertionError("exit code " + code + ": " + output);
            }
            return this;
        }
    }

    private static final long LIMIT_SECONDS = 60;

    private final String path;
    private final Map<String, String> environment = new HashMap<>();

    private Tool(String path) {
        this.path = path;
    }

    /** Skips the test, with the reason, where there is no such tool. */
    public static Tool named(String name) {
        Optional<Path> found = Stream.concat(
                        Stream.of(TestTier.clusterTools()),
                        Stream.of(System.getenv("PATH").split(":", -1)).map(Path::of))
                .map(directory -> directory.resolve(name))
                .filter(Files::isExecutable)
                .findFirst();
        Assumptions.assumeTrue(found.isPresent(), "there is no " + name + " (scripts/cluster-tools)");
        return new Tool(found.orElseThrow().toString());
    }

    /** With an environment variable. */
    public Tool with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    /** Runs it to its end, in a home directory of its own. */
    public Outcome run(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(path));
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile("aestus-tool", ".out");
        Path home = Files.createTempDirectory("aestus-tool");
        try {
            var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
            builder.environment().putAll(environment);
            builder.environment().put("HOME", home.toString());
            Process process = builder.start();
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(command + " did not end within " + LIMIT_SECONDS + " s");
            }
            return new Outcome(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
        } finally {
            Files.delete(output);
            deleteTree(home);
        }
    }

    private static void deleteTree(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
