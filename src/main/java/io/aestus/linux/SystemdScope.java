package io.aestus.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A cgroup that systemd makes below one of its slices and leaves to us with all that is below: a scope. systemd removes it when
 * its last process has ended, so a process keeps it until the first of ours is there.
 *
 * @see <a href="https://systemd.io/CGROUP_DELEGATION">systemd: Control Group APIs and Delegation</a>
 */
final class SystemdScope implements AutoCloseable {
    private static final Path PROGRAM = Path.of("/usr/bin/systemd-run");
    private static final String SLICE = ".slice";
    private static final String SCOPE = ".scope";
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_.-]+\\.slice");
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int MOST_COMPLAINT = 1024;

    private final Process keeper;

    private SystemdScope(Process keeper) {
        this.keeper = keeper;
    }

    /** The scope that a path leads to or below, if it does. */
    static Optional<Path> of(String path) {
        Path at = Path.of(path);
        for (int names = 2; names <= at.getNameCount(); names++) {
            if (at.getName(names - 1).toString().endsWith(SCOPE)
                    && at.getName(names - 2).toString().endsWith(SLICE)) {
                return Optional.of(at.subpath(0, names));
            }
        }
        return Optional.empty();
    }

    /**
     * Has systemd make it.
     *
     * @param root the tree of cgroup v2
     * @param scope as {@link #of} said
     * @param leaf the name of a cgroup below it for what keeps it: only leaves may have processes
     * @throws IOException with systemd's own reason if it does not
     */
    static SystemdScope start(Path root, Path scope, String leaf, CgroupFiles files) throws IOException {
        String slice = Objects.requireNonNull(scope.getParent()).getFileName().toString();
        if (!PLAIN.matcher(slice).matches()) { // what it would make of another is somewhere else
            throw new IOException("systemd makes no %s: its slice has no plain name".formatted(scope.getFileName()));
        }
        Process process = new ProcessBuilder(List.of(
                        PROGRAM.toString(),
                        "--scope",
                        "--quiet",
                        "--collect",
                        "--unit=" + scope.getFileName(),
                        "--slice=" + slice,
                        "--property=Delegate=yes",
                        "--property=DefaultDependencies=no",
                        "--property=TasksMax=infinity",
                        "--",
                        "/bin/sh",
                        "-c",
                        "echo; exec cat"))
                .redirectErrorStream(true)
                .start();
        var started = new SystemdScope(process);
        try {
            started.awaitStart(scope);
            Path directory = root.resolve(scope);
            files.create(directory.resolve(leaf));
            files.write(directory.resolve(leaf).resolve("cgroup.procs"), Long.toString(process.pid()));
            return started;
        } catch (IOException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    /** It says an empty line when it is there, and what is wrong if it ends before. */
    private void awaitStart(Path scope) throws IOException {
        boolean speaks =
                CgroupDirectory.await(LIMIT, () -> keeper.getInputStream().available() > 0 || !keeper.isAlive());
        if (!speaks) {
            throw new IOException("systemd has made no %s within %s".formatted(scope.getFileName(), LIMIT));
        }
        byte[] said = keeper.getInputStream().readNBytes(1);
        if (said.length == 0 || said[0] != '\n') {
            String rest = new String(keeper.getInputStream().readNBytes(MOST_COMPLAINT), StandardCharsets.UTF_8);
            throw new IOException("systemd makes no " + scope.getFileName() + ": "
                    + (new String(said, StandardCharsets.UTF_8) + rest).strip());
        }
    }

    /** Whether this host is systemd's. */
    static boolean isThere() {
        return Files.isDirectory(Path.of("/run/systemd/system")) && Files.isExecutable(PROGRAM);
    }

    /** Ends what keeps it. Then it lasts as long as there is another process in it. */
    @Override
    public void close() throws IOException {
        keeper.getOutputStream().close();
        keeper.onExit().join();
    }
}
