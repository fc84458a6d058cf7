package io.aestus.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aestus.testing.PackedProgram;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A node of its own with an image of busybox in its store, named {@code example.com/box}: its app is {@code sh}. */
final class Box implements AutoCloseable {
    private static final Path BUSYBOX = Path.of("/bin/busybox");
    private static final List<String> TOOLS = List.of(
            "sh", "cat", "sleep", "ln", "mv", "rm", "mkdir", "id", "stty", "chmod", "true", "ls", "touch", "chown",
            "mkfifo");

    final Path dir;
    final Shell shell;
    final String image;

    Box(Path dir) throws IOException {
        assumeTrue(Files.isExecutable(BUSYBOX), "no " + BUSYBOX);
        this.dir = dir;
        this.shell = new Shell(dir);
        Path bin = Files.createDirectories(dir.resolve("rootfs/bin"));
        Files.copy(BUSYBOX, bin.resolve("busybox"));
        for (String tool : TOOLS) {
            Files.createSymbolicLink(bin.resolve(tool), Path.of("busybox"));
        }
        Path etc = Files.createDirectories(dir.resolve("rootfs/etc"));
        Files.writeString(etc.resolve("motd"), "welcome\n");
        Path manifest = Files.writeString(dir.resolve("manifest.json"), """
                {"acKind": "ImageManifest", "acVersion": "0.8.11", "name": "example.com/box",
                 "app": {"exec": ["/bin/sh"], "user": "0", "group": "0"}}
                """);
        Path file = dir.resolve("box.aci");
        run(
                        "image",
                        "build",
                        "--owner-root",
                        "--manifest",
                        manifest.toString(),
                        dir.resolve("rootfs").toString(),
                        file.toString())
                .ok();
        this.image = run("fetch", file.toString()).ok().strip();
    }

    /** Runs a command line in this process. */
    Shell.Result run(String... words) {
        var line = new ArrayList<>(List.of("--insecure-options=image"));
        line.addAll(List.of(words));
        return shell.run(line.toArray(String[]::new));
    }

    /**
     * Starts a pod of one app, {@code box}, that runs a script; it is left running by a process that ends at once.
     *
     * @param options of the pod
     * @return its UUID
     */
    String start(String script, String... options) {
        var line = new ArrayList<>(List.of("run", "--detach"));
        line.addAll(List.of(options));
        line.addAll(List.of(image, "--name", "box", "--", "-c", script));
        return apart(line);
    }

    /** Runs a command line in a process of its own, whose children are not ours. @return what it printed */
    String apart(List<String> words) {
        var line = new ArrayList<>(PackedProgram.aestus());
        line.addAll(List.of(
                "--dir",
                shell.data().toString(),
                "--config-dir",
                shell.config().toString(),
                "--insecure-options=image"));
        line.addAll(words);
        try {
            Process process = new ProcessBuilder(line)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError("code " + process.exitValue() + " of " + words + "\n" + out);
            }
            return out.strip();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** The same command line for a shell, to be run in a process of its own. */
    String command(String words) {
        return "%s --dir %s --config-dir %s --insecure-options=image %s"
                .formatted(String.join(" ", PackedProgram.aestus()), shell.data(), shell.config(), words);
    }

    /** Waits until a command says something. */
    void await(String wanted, String... words) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        for (var said = run(words); !said.out().contains(wanted); said = run(words)) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("never '" + wanted + "', but " + said);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    /** Ends and removes every pod. */
    @Override
    public void close() {
        for (String line : run("list", "--full", "--no-legend").out().lines().toList()) {
            if (!line.startsWith(" ")) {
                run("stop", "--force", line.substring(0, 36));
            }
        }
        run("gc", "--grace-period=0s", "--expire-prepared=0s");
    }
}
