package io.aestus.network;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;

/**
 * Plugins that are shell scripts, in a directory of a test. Each writes what it was asked into a file of its own: {@code
 * TYPE-NUMBER.env} and {@code TYPE-NUMBER.json}; {@code order} has a line {@code TYPE COMMAND} a question.
 */
final class FakePlugins {
    private static final String PREAMBLE = """
            #!/bin/sh
            log=%1$s
            n=$(ls "$log" | grep -c '^%2$s-.*env$')
            env | sort > "$log/%2$s-$n.env"
            cat > "$log/%2$s-$n.json"
            [ "$CNI_COMMAND" = VERSION ] || echo "%2$s $CNI_COMMAND" >> "$log/order"
            """;

    private final Path root;
    final Path bin;
    final Path log;
    final Path configurations;

    FakePlugins(Path root) throws IOException {
        this.root = root;
        bin = Files.createDirectories(root.resolve("bin"));
        log = Files.createDirectories(root.resolve("log"));
        configurations = Files.createDirectories(root.resolve("net.d"));
    }

    /** A plugin that does {@code body} after it has written down what it was asked. */
    void plugin(String type, String body) throws IOException {
        Path program = bin.resolve(type);
        Files.writeString(program, PREAMBLE.formatted(log, type) + body + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** A plugin that gives this result to ADD, and speaks these versions. */
    void plugin(String type, String result, String... versions) throws IOException {
        plugin(type, """
                case $CNI_COMMAND in
                VERSION) echo '{"cniVersion": "1.0.0", "supportedVersions": ["%s"]}' ;;
                ADD) echo '%s' ;;
                esac""".formatted(String.join("\", \"", versions), result));
    }

    void network(String file, String text) throws IOException {
        Files.writeString(configurations.resolve(file), text);
    }

    NetworkSettings settings() {
        return new NetworkSettings(
                List.of(configurations),
                List.of(root.resolve("none"), bin),
                root.resolve("records"),
                root.resolve("run"),
                Duration.ofSeconds(20),
                NetworkSettings.Ipv6.NO);
    }

    /** What plugins were asked, in order. */
    List<String> order() throws IOException {
        Path order = log.resolve("order");
        return Files.exists(order) ? Files.readAllLines(order) : List.of();
    }

    String configuration(String type, int number) throws IOException {
        return Files.readString(log.resolve(type + "-" + number + ".json"), StandardCharsets.UTF_8);
    }

    List<String> environment(String type, int number) throws IOException {
        return Files.readAllLines(log.resolve(type + "-" + number + ".env"));
    }
}
