package io.aestus.cli;

import io.aestus.linux.Fd;
import io.aestus.linux.FirstProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Runs commands in an empty directory so that the class cache that is being made knows their classes. There are several caches:
 * the JVM loads all that a cache holds when it starts, so what long commands need would slow the short ones down.
 */
final class Training {
    private static final String MANIFEST = """
            {"acKind": "ImageManifest", "acVersion": "0.8.11", "name": "example.com/training",
             "labels": [{"name": "version", "value": "1"}], "app": {"exec": ["/x"], "user": "0", "group": "0"}}
            """;

    private static final String POD = "training";
    private static final int LONGEST_PROGRAM = 64 << 10;
    private static final Duration LONGEST_RUN = Duration.ofSeconds(30);
    private static final Duration PAUSE = Duration.ofMillis(50);

    /** Those that only look, and are over before a person notices unless their start is slow. Nobody may be refused them. */
    private static final List<List<String>> SHORT_COMMANDS = List.of(
            List.of("list"),
            List.of("list", "--full"),
            List.of("list", "--format=json"),
            List.of("image", "list"),
            List.of("image", "list", "--full"),
            List.of("version", "--debug"));

    private Training() {}

    /** {@code args[0]}: {@code short} or {@code long}; {@code args[1]}: a directory to work in, empty for the long ones, which go first. */
    public static void main(String[] args) throws IOException, InterruptedException {
        var nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        var environment = new HashMap<>(System.getenv());
        environment.put("AESTUS_DIR", args[1] + "/data");
        var aestus = new Aestus(nowhere, System.err, environment);
        boolean isShort = args[0].equals("short");
        for (List<String> words : isShort ? SHORT_COMMANDS : longCommands(Path.of(args[1]))) {
            int code = words.contains("run") ? runAndStop(aestus, words) : aestus.run(words);
            if (isShort
                    && code != ExitCode.DONE) { // a long one may fail for want of rights, and still loads its classes
                throw new IllegalStateException(String.join(" ", words) + " ended with " + code);
            }
        }
        System.out.print(Version.text());
    }

    /** Its program does nothing for ever, so it is stopped, as soon as it is there to be stopped. */
    private static int runAndStop(Aestus aestus, List<String> words) throws InterruptedException {
        var code = new CompletableFuture<Integer>();
        Thread.ofPlatform().daemon().start(() -> code.complete(aestus.run(words)));
        for (long end = System.nanoTime() + LONGEST_RUN.toNanos(); System.nanoTime() < end; Thread.sleep(PAUSE)) {
            if (code.isDone()) {
                return code.join();
            }
            aestus.run(List.of("stop", "--force", POD));
        }
        throw new IllegalStateException(String.join(" ", words) + " does not end");
    }

    private static byte[] program() throws IOException {
        try (Fd image = FirstProcess.image();
                Fd again = image.reopenForReading()) {
            return again.readAll(LONGEST_PROGRAM);
        }
    }

    private static List<List<String>> longCommands(Path dir) throws IOException {
        String manifest =
                Files.writeString(dir.resolve("manifest.json"), MANIFEST).toString();
        Path root = Files.createDirectory(dir.resolve("rootfs"));
        Files.setPosixFilePermissions(
                Files.write(root.resolve("x"), program()), PosixFilePermissions.fromString("rwxr-xr-x"));
        String image = dir.resolve("training.aci").toString();
        return List.of(
                List.of("--help"),
                List.of("help", "run"),
                List.of("nonsense"),
                List.of("doctor"),
                List.of("image", "build", "--manifest", manifest, root.toString(), image),
                List.of("--insecure-options=image", "fetch", image),
                List.of("image", "list"),
                List.of("image", "list", "--format=json"),
                List.of("trust", "list"),
                List.of("--insecure-options=image", "prepare", "--pull-policy=never", "example.com/training"),
                // The host's network: whoever builds shall find nothing new in it.
                List.of(
                        "--insecure-options=image",
                        "run",
                        "--pod-name=" + POD,
                        "--net=host",
                        "--pull-policy=never",
                        "example.com/training"),
                List.of("list", "--format=json"),
                List.of("status", POD),
                List.of("gc", "--grace-period=0s"));
    }
}
