package io.aestus.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * A host of systemd's, with cgroups of version 2 alone: it is the first process of namespaces of its own, below a cgroup of its
 * own, and knows of nothing else.
 */
public final class SystemdHost implements AutoCloseable {
    private static final Path SYSTEMD = Path.of("/lib/systemd/systemd");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final List<String> NAMESPACES = List.of(
            "unshare",
            "--mount",
            "--propagation=private",
            "--pid",
            "--fork",
            "--kill-child",
            "--cgroup",
            "--uts",
            "--ipc",
            "--net",
            "sh",
            "-ec");

    private static final String START = """
            mount -t proc proc /proc
            umount -R /sys/fs/cgroup
            mount -t cgroup2 cgroup2 /sys/fs/cgroup
            mount -t tmpfs -o mode=755 tmpfs /run
            mkdir -p /run/systemd/system /run/lock
            mount -t tmpfs tmpfs /etc/systemd/system
            printf '[Unit]\\nDefaultDependencies=no\\nAllowIsolate=yes\\n' > /etc/systemd/system/test.target
            exec env -i container=test PATH=/usr/bin:/usr/sbin /lib/systemd/systemd --system --unit=test.target \
              --log-target=console --show-status=0
            """;

    private final Path directory;
    private final OwnCgroup cgroup;
    private final Process outside;
    private final long pid;

    private SystemdHost(Path directory) throws IOException {
        this.directory = directory;
        cgroup = OwnCgroup.make("systemd");
        var command = new ArrayList<>(cgroup.entering());
        command.addAll(NAMESPACES);
        command.add(START);
        outside = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("systemd").toFile())
                .start();
        pid = awaitFirst();
    }

    /** Skips a test where it cannot be. */
    public static void require() throws IOException {
        assumeTrue(Files.isExecutable(SYSTEMD), "no systemd on this host (systemd)");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/systemd-run")), "no systemd-run on this host (systemd)");
        OwnCgroup.require();
    }

    /** Starts it. Skips a test where it cannot be. */
    public static SystemdHost start(Path directory) throws IOException {
        require();
        return new SystemdHost(directory);
    }

    private long awaitFirst() throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            var first = outside.children().findFirst();
            if (first.isPresent()
                    && Files.exists(Path.of("/proc/" + first.get().pid() + "/root/run/systemd/private"))) {
                return first.get().pid();
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
        String said = Files.readString(directory.resolve("systemd"));
        close();
        throw new AssertionError("systemd does not start: " + said);
    }

    /** Runs a program of the tests there, to its good end. */
    public void run(Class<?> program, String... arguments) throws IOException, InterruptedException {
        var entering = new ArrayList<>(entrance());
        entering.add("--wd=" + System.getProperty("user.dir"));
        Apart.behind(entering, directory, program, arguments);
    }

    /** What executes the rest of its arguments there: nsenter(1), to which options can be added. */
    public List<String> entrance() {
        return List.of("nsenter", "--target=" + pid, "--mount", "--pid", "--cgroup", "--uts", "--ipc", "--net");
    }

    /** Ends it with all its processes. */
    @Override
    public void close() throws IOException {
        cgroup.close();
        outside.destroyForcibly().onExit().join();
    }
}
