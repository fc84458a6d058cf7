package io.aestus.agent;

import io.aestus.operator.Tool;
import io.aestus.testing.SystemdHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Network, mount, process and IPC namespaces for a node: what runs in it can neither disturb the host nor outlive it. Its {@code
 * /run}, {@code /var/log} and {@code /var/lib/cni} are empty.
 */
final class Enclosure implements AutoCloseable {
    /** The only address besides loopback; of a range for documents, so it leads nowhere. */
    static final String ADDRESS = "192.0.2.1";

    private static final long PATIENCE_SECONDS = 60;

    private static final String SET_UP = """
            ip link set lo up
            ip link add node0 type veth peer name outside
            ip addr add %1$s/24 dev node0
            ip link set outside up
            ip link set node0 up
            ip route add default dev node0
            mount -t tmpfs tmpfs /var/log
            if [ -d /var/lib/cni ]; then mount -t tmpfs tmpfs /var/lib/cni; fi
            mount --bind "$1" "$1"
            mount --make-shared "$1"
            """.formatted(ADDRESS);

    /** Its first process collects whatever is left to it, and ends the rest with itself when its input ends. */
    private static final String ALONE = "set -e\nmount -t tmpfs tmpfs /run\n" + SET_UP + """
            echo ready
            exec 3<&0
            cat <&3 &
            wait
            """;

    /** Whose end is the end of all that is inside. */
    private interface Whole {
        void end() throws IOException, InterruptedException;
    }

    private final Whole whole;
    private final List<String> entrance;
    private final List<String> start;

    private Enclosure(Whole whole, List<String> entrance, List<String> start) {
        this.whole = whole;
        this.entrance = entrance;
        this.start = start;
    }

    /** Makes one in which mounts below {@code directory} are shared between all that runs there. */
    static Enclosure open(Path directory) throws IOException {
        Process unshare = new ProcessBuilder(
                        "unshare",
                        "--net",
                        "--ipc",
                        "--mount",
                        "--propagation",
                        "private",
                        "--pid",
                        "--fork",
                        "--kill-child",
                        "--mount-proc",
                        "sh",
                        "-c",
                        ALONE,
                        "sh",
                        directory.toString())
                .redirectErrorStream(true)
                .start();
        String said = unshare.inputReader(StandardCharsets.UTF_8).readLine();
        Optional<ProcessHandle> init = unshare.children().findFirst();
        if (!"ready".equals(said) || init.isEmpty()) {
            unshare.destroyForcibly();
            throw new IOException("cannot make namespaces for a node: " + said);
        }
        String target = Long.toString(init.get().pid());
        return new Enclosure(
                () -> end(unshare),
                List.of("nsenter", "--target", target, "--net", "--ipc", "--mount", "--pid", "--wd=/", "--"),
                List.of());
    }

    private static void end(Process unshare) throws IOException, InterruptedException {
        unshare.getOutputStream().close();
        if (!unshare.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            unshare.destroyForcibly();
        }
    }

    /** The same as a host of systemd's, with cgroups of version 2 alone: what is started there has a scope of its own. */
    static Enclosure openWithSystemd(Path directory) throws IOException, InterruptedException {
        var host = SystemdHost.start(directory);
        var entrance = new ArrayList<>(host.entrance());
        entrance.addAll(List.of("--wd=/", "--"));
        var enclosure =
                new Enclosure(host::close, entrance, List.of("systemd-run", "--scope", "--quiet", "--collect", "--"));
        try {
            enclosure.run("sh", "-ec", SET_UP, "sh", directory.toString()).orFail();
        } catch (IOException | InterruptedException | AssertionError e) {
            host.close();
            throw e;
        }
        return enclosure;
    }

    /** What executes the rest of its arguments inside. */
    List<String> entrance() {
        return entrance;
    }

    private List<String> inside(List<String> command) {
        var all = new ArrayList<>(entrance);
        all.addAll(command);
        return all;
    }

    /** Starts a program inside, whose output is added to {@code log}. What is returned only waits for it: see {@link #end}. */
    Process start(Path log, List<String> command) throws IOException {
        var started = new ArrayList<>(start);
        started.addAll(command);
        return new ProcessBuilder(inside(started))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    /** Ends what {@link #start} has started, forcibly or not, and waits for its end. */
    static void end(Process started, boolean forcibly) throws InterruptedException {
        started.children().forEach(program -> {
            boolean asked = forcibly ? program.destroyForcibly() : program.destroy();
            if (!asked && program.isAlive()) {
                throw new AssertionError("cannot signal " + program);
            }
        });
        if (!started.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("it did not end: " + started.info());
        }
    }

    /** Runs a tool inside to its end. */
    Tool.Outcome run(String... command) throws IOException, InterruptedException {
        return Tool.named("nsenter")
                .run(inside(List.of(command)).stream().skip(1).toArray(String[]::new));
    }

    @Override
    public void close() throws IOException, InterruptedException {
        whole.end();
    }
}
