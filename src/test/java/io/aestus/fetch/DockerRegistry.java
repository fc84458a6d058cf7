package io.aestus.fetch;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aestus.oci.OciBuild;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The reference implementation of a registry, on loopback, filled by skopeo. */
public final class DockerRegistry implements AutoCloseable {
    private static final Path REGISTRY = Path.of("/usr/bin/docker-registry");
    private static final Path SKOPEO = Path.of("/usr/bin/skopeo");
    private static final Pattern LISTENING = Pattern.compile("listening on (127\\.0\\.0\\.1:[0-9]+)");

    private final Process process;
    private final String name;
    private final Path dir;

    private DockerRegistry(Process process, String name, Path dir) {
        this.process = process;
        this.name = name;
        this.dir = dir;
    }

    public static DockerRegistry start(Path dir) throws IOException {
        return start(dir, "");
    }

    /** @param users of a file of htpasswd(1) with bcrypt, whose passwords it asks for; empty if it asks nobody */
    static DockerRegistry start(Path dir, String users) throws IOException {
        assumeTrue(Files.isExecutable(REGISTRY), "no " + REGISTRY);
        assumeTrue(Files.isExecutable(SKOPEO), "no " + SKOPEO);
        Path config = Files.writeString(dir.resolve("registry.yml"), """
                version: 0.1
                log: {level: info}
                storage: {filesystem: {rootdirectory: %s}}
                http: {addr: "127.0.0.1:0"}
                """.formatted(dir.resolve("registry")));
        if (!users.isEmpty()) {
            Path passwords = Files.writeString(dir.resolve("htpasswd"), users);
            Files.writeString(
                    config,
                    "auth: {htpasswd: {realm: test, path: %s}}\n".formatted(passwords),
                    StandardOpenOption.APPEND);
        }
        Process process = new ProcessBuilder(REGISTRY.toString(), "serve", config.toString())
                .redirectErrorStream(true)
                .start();
        var out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        var said = new StringBuilder();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            said.append(line).append('\n');
            Matcher listening = LISTENING.matcher(line);
            if (listening.find()) {
                Thread.ofVirtual().start(() -> drain(out));
                return new DockerRegistry(process, listening.group(1), dir);
            }
        }
        throw new IOException("the registry ended: " + said);
    }

    private static void drain(BufferedReader out) {
        try (out) {
            while (out.readLine() != null) {
                // it would stop when the pipe is full
            }
        } catch (IOException _) {
            return; // it was ended
        }
    }

    /** With its port. */
    public String name() {
        return name;
    }

    /** Pushes an image, with options of skopeo. */
    public void push(OciBuild image, String repository, String... options) throws IOException, InterruptedException {
        Path layout = image.layout(Files.createTempDirectory(dir, "layout"), "latest");
        var line = new ArrayList<>(List.of(SKOPEO.toString(), "--insecure-policy", "copy", "--dest-tls-verify=false"));
        line.addAll(List.of(options));
        line.addAll(List.of("oci:" + layout, "docker://" + name + "/" + repository));
        Process push = new ProcessBuilder(line).redirectErrorStream(true).start();
        String said = new String(push.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (push.waitFor() != 0) {
            throw new IOException(said);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
