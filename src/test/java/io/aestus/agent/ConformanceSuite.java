package io.aestus.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.aestus.operator.Tool;
import io.aestus.testing.TestTier;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The suite, with a registry of what it pulls and the agent that it judges, in an {@link Enclosure}. */
final class ConformanceSuite {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration LONGEST_RUN = Duration.ofMinutes(15);

    /** How many specs at a time: a node is not asked one thing after the other either. */
    private static final int SIDE_BY_SIDE = 6;

    /** By which the suite names an image; no other image has it. */
    private static final String FOREIGN_DIGEST =
            "sha256:9700f9a2f5bf2c45f2f605a0bd3bce7cf37420ec9d3ed50ac2758413308766bf";

    private final Enclosure enclosure;
    private final Path directory;
    private final Path program;

    private ConformanceSuite(Enclosure enclosure, Path directory) throws IOException, InterruptedException {
        this.enclosure = enclosure;
        this.directory = directory;
        this.program = suiteWith(startRegistry());
    }

    /** Starts what it needs; it ends with the enclosure. */
    static ConformanceSuite start(Enclosure enclosure, Path directory) throws IOException, InterruptedException {
        var suite = new ConformanceSuite(enclosure, directory);
        suite.startAgent();
        return suite;
    }

    /** Fails the test if there is any failure, or if the suite has left something. */
    void assertGood(List<String> failures) throws IOException {
        assertEquals(List.of(), failures, () -> String.join("\n\n", failures) + "\n\n" + read("agent.log"));
        assertEquals(List.of(), entries("node/pods"), "what the suite has removed is gone");
    }

    private String startRegistry() throws IOException, InterruptedException {
        Path effectiveUid = directory.resolve("effective-uid");
        Tool.named("gcc")
                .run(
                        "-static",
                        "-O1",
                        "-o",
                        effectiveUid.toString(),
                        "src/test/resources/io/aestus/agent/effective-uid.c")
                .orFail();
        Path digest = directory.resolve("digest");
        Process registry = enclosure.start(
                directory.resolve("registry.log"),
                AgentProgram.command(
                        ConformanceRegistry.class,
                        effectiveUid.toString(),
                        directory.resolve("config").toString(),
                        digest.toString()));
        await(registry, digest, "registry.log");
        return Files.readString(digest);
    }

    private Path socket() {
        return directory.resolve("node/run/cri.sock");
    }

    private void startAgent() throws IOException {
        Process agent = enclosure.start(
                directory.resolve("agent.log"),
                PackagedAgent.command(
                        "--dir=" + directory.resolve("node"),
                        "--config-dir=" + directory.resolve("config"),
                        "--node-name=node-a",
                        "--set=aestus.kubernetes.enabled=false",
                        "--set=aestus.network.sandboxes=default"));
        await(agent, socket(), "agent.log");
    }

    /** The suite, with the digest of our image in the place of the one that we cannot make. */
    private Path suiteWith(String digest) throws IOException {
        byte[] program = Files.readAllBytes(TestTier.clusterTools().resolve("critest"));
        String text = new String(program, StandardCharsets.ISO_8859_1);
        assertTrue(text.contains(FOREIGN_DIGEST), "the suite names another image by its digest");
        Path own = Files.write(
                directory.resolve("critest"),
                text.replace(FOREIGN_DIGEST, digest).getBytes(StandardCharsets.ISO_8859_1));
        return Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwx------"));
    }

    /** Runs the suite and prints what came of it; what is returned are its failures. */
    List<String> run(String name, String... options) throws IOException, InterruptedException {
        Path report = directory.resolve(name + ".json");
        var command = new ArrayList<>(List.of(
                "env",
                "--chdir=/", // which it did not yet have inside
                "PATH=" + TestTier.clusterTools() + ":" + System.getenv("PATH"),
                "TMPDIR=" + Files.createDirectory(directory.resolve(name)),
                program.toString(),
                "--config=" + directory.resolve("no-crictl.yaml"),
                "--runtime-endpoint=unix://" + socket(),
                "--parallel=" + SIDE_BY_SIDE,
                "--ginkgo.no-color",
                "--ginkgo.json-report=" + report));
        command.addAll(List.of(options));
        Process run = enclosure.start(directory.resolve(name + ".log"), command);
        if (!run.waitFor(LONGEST_RUN.toSeconds(), TimeUnit.SECONDS)) {
            Enclosure.end(run, true);
            throw new AssertionError("the suite does not end:\n" + read(name + ".log"));
        }
        assertTrue(Files.exists(report), () -> read(name + ".log"));
        List<String> failures = tell(name, report);
        assertEquals(failures.isEmpty(), run.exitValue() == 0, () -> read(name + ".log"));
        return failures;
    }

    private static List<String> tell(String name, Path report) throws IOException {
        var failures = new ArrayList<String>();
        var skipped = new ArrayList<String>();
        int passed = 0;
        for (JsonNode spec : new ObjectMapper().readTree(report.toFile()).get(0).get("SpecReports")) {
            boolean isSpec = spec.path("LeafNodeType").asText().equals("It");
            String message = spec.at("/Failure/Message").asText();
            switch (spec.path("State").asText()) {
                case "passed" -> passed += isSpec ? 1 : 0;
                case "skipped" -> skipped.add(message.isEmpty() ? "is not of this run" : message + ": " + name(spec));
                default -> failures.add(name(spec) + ": " + message);
            }
        }
        System.out.println("conformance, " + name + ": " + passed + " specs passed, " + failures.size() + " failed, "
                + skipped.size() + " were skipped");
        skipped.stream()
                .collect(Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()))
                .forEach((why, count) -> System.out.println("  skipped: " + why + (count > 1 ? ", " + count : "")));
        failures.forEach(failure -> System.out.println("  failed: " + failure));
        return failures;
    }

    private static String name(JsonNode spec) {
        return Stream.concat(
                        spec.path("ContainerHierarchyTexts").valueStream().map(JsonNode::asText),
                        Stream.of(spec.path("LeafNodeText").asText()))
                .collect(Collectors.joining(" "));
    }

    private void await(Process maker, Path file, String log) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!Files.exists(file)) {
            if (System.nanoTime() > deadline || !maker.isAlive()) {
                throw new AssertionError("in vain: " + file + "\n" + read(log));
            }
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }

    private List<String> entries(String dir) throws IOException {
        try (Stream<Path> entries = Files.list(directory.resolve(dir))) {
            return entries.map(Path::toString).toList();
        }
    }

    private String read(String log) {
        try {
            return Files.readString(directory.resolve(log));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
