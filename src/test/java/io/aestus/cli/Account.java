package io.aestus.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aestus.testing.PackedProgram;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * An ordinary user of this host who exists for a test alone: each of their commands runs in a mount namespace in which the
 * host's files of users know them.
 */
final class Account implements AutoCloseable {
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin/java").toString();

    final int id;
    final Path home;
    private final String name;
    private final Path files;

    /** Where everybody may read the program, bound there for each command. */
    private final Path program;

    /**
     * @param dir of tests, in which everybody may look
     * @param subordinate lines for {@code /etc/subuid} and {@code /etc/subgid}
     */
    Account(Path dir, String name, int id, String subordinate) throws IOException {
        for (String tool : List.of("unshare", "setpriv")) {
            assumeTrue(Files.isExecutable(Path.of("/usr/bin", tool)), "no " + tool);
        }
        this.name = name;
        this.id = id;
        this.files = Files.createDirectories(dir.resolve(name));
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
        this.home = Files.createDirectories(files.resolve("home"));
        for (Path own : List.of(home, Files.createDirectories(files.resolve("run")))) {
            Files.setAttribute(own, "unix:uid", id);
            Files.setAttribute(own, "unix:gid", id);
            Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwx------"));
        }
        write("passwd", "root:x:0:0::/root:/bin/sh\n%s:x:%d:%d::%s:/bin/sh\n".formatted(name, id, id, home));
        write("group", "root:x:0:\n%s:x:%d:\n".formatted(name, id));
        write("subuid", subordinate);
        write("subgid", subordinate);
        this.program = Files.createDirectories(dir.resolve("program"));
        assumeTrue(sh("", "test -x " + JAVA).code() == 0, name + " may not execute " + JAVA);
    }

    private void write(String file, String text) throws IOException {
        Files.writeString(files.resolve(file), text);
    }

    /** Where what does not outlive a login is. */
    Path run() {
        return files.resolve("run/aestus");
    }

    Path data() {
        return home.resolve(".local/share/aestus");
    }

    /** Runs a command line of {@code aestus}. */
    Shell.Result aestus(String words) {
        return aestusIn("", words);
    }

    /** The same after something that root does for the process. */
    Shell.Result aestusIn(String preparation, String words) {
        return sh(preparation, String.join(" ", PackedProgram.aestus(program)) + " --insecure-options=image " + words);
    }

    /**
     * Runs a script as this user.
     *
     * @param preparation what root does before
     */
    Shell.Result sh(String preparation, String script) {
        var whole = new StringBuilder("set -e\n");
        for (String file : List.of("passwd", "group", "subuid", "subgid")) {
            whole.append("[ -e /etc/%1$s ] && mount --bind %2$s/%1$s /etc/%1$s\n".formatted(file, files));
        }
        whole.append("mount --bind %s %s\n".formatted(PackedProgram.directory(), program));
        whole.append(preparation).append('\n');
        whole.append("cd ").append(home).append('\n');
        whole.append("exec setpriv --reuid=%1$d --regid=%1$d --clear-groups --inh-caps=-all".formatted(id));
        whole.append(" env -i HOME=%s XDG_RUNTIME_DIR=%s PATH=/usr/bin:/bin sh -c \"$1\"\n"
                .formatted(home, files.resolve("run")));
        try {
            Path err = Files.createTempFile(files, "err", "");
            Process process = new ProcessBuilder(
                            "unshare", "--mount", "--propagation=private", "sh", "-c", whole.toString(), name, script)
                    .redirectError(err.toFile())
                    .start();
            process.getOutputStream().close();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(2, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new AssertionError("takes too long: " + script + "\n" + out + Files.readString(err));
            }
            var result = new Shell.Result(process.exitValue(), out, Files.readString(err));
            Files.delete(err);
            return result;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Waits until a command line of {@code aestus} says something. */
    void await(String wanted, String words) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        for (var said = aestus(words); !said.out().contains(wanted); said = aestus(words)) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("never '" + wanted + "', but " + said + "\n" + aestus("list") + "\n"
                        + sh("", "find " + data() + "/pods -name log | xargs -n1 tail -vn5; ps -ef | grep -w " + id)
                                .out());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    /** What runs on the host as one of these users: number and program, once those have ended that are about to. */
    List<String> processes(int first, int count) throws IOException {
        return processes(first, count, Duration.ofSeconds(20));
    }

    /** The same after so long at most. */
    List<String> processes(int first, int count, Duration patience) throws IOException {
        long deadline = System.nanoTime() + patience.toNanos();
        List<String> found = processesNow(first, count);
        while (!found.isEmpty() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            found = processesNow(first, count);
        }
        return found;
    }

    private static List<String> processesNow(int first, int count) throws IOException {
        var found = new ArrayList<String>();
        try (var all = Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
            for (Path process : all) {
                try {
                    int user = (int) Files.getAttribute(process, "unix:uid");
                    if (user >= first && user - first < count) {
                        found.add(process.getFileName() + " "
                                + Files.readString(process.resolve("comm")).strip());
                    }
                } catch (IOException _) {
                    // it has ended
                }
            }
        }
        return found;
    }

    /** Ends and removes every pod. */
    @Override
    public void close() {
        for (String line : aestus("list --full --no-legend").out().lines().toList()) {
            if (!line.startsWith(" ")) {
                aestus("stop --force " + line.substring(0, 36));
            }
        }
        aestus("gc --grace-period=0s --expire-prepared=0s");
        sh("", "chmod -R u+rwX " + home + " 2>/dev/null; true");
    }
}
