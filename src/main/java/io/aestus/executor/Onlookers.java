package io.aestus.executor;

import io.aestus.executor.Stage1.PodPlace;
import io.aestus.linux.Capability;
import io.aestus.linux.CapabilitySet;
import io.aestus.linux.ChildProgram;
import io.aestus.linux.FileLock;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Whether somebody in a pod may look into every process that starts there: an app with the host's users and the power to.
 * Then no process may be born there that shares memory with the agent. A file of the pod says so from before the first such
 * app starts until the pod is removed; a lock makes sure that no launch which found none is still under way then, be it
 * another process's.
 */
final class Onlookers implements AutoCloseable {
    private static final List<Capability> POWERS =
            List.of(Capability.SYS_PTRACE, Capability.SYS_ADMIN, Capability.PERFMON);
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final boolean possible;
    private final Optional<FileLock> turn;

    private Onlookers(boolean possible, Optional<FileLock> turn) {
        this.possible = possible;
        this.turn = turn;
    }

    /** Asks before a launch, and holds the answer true until it is over. */
    static Onlookers of(PodPlace pod, UserRange users, CapabilitySet capabilities) throws IOException {
        if (users.isPrivate()) { // our memory belongs to the host's users, over whom nobody there has power
            return new Onlookers(false, Optional.empty());
        }
        Path directory = pod.directory().resolve("stage1");
        Path mark = directory.resolve("onlookers");
        Path lock = directory.resolve("launches");
        if (POWERS.stream().anyMatch(capabilities::contains)) {
            Files.createDirectories(directory);
            if (!Files.exists(mark)) {
                try (var alone = lock(lock, FileLock.Kind.EXCLUSIVE)) {
                    if (!Files.exists(mark)) {
                        Files.createFile(mark);
                    }
                }
            }
            return new Onlookers(true, Optional.empty());
        }
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory);
        }
        FileLock shared = lock(lock, FileLock.Kind.SHARED);
        return new Onlookers(Files.exists(mark), Optional.of(shared));
    }

    private static FileLock lock(Path path, FileLock.Kind kind) throws IOException {
        return FileLock.acquire(path, kind, LIMIT)
                .orElseThrow(() -> new IOException("launches in the pod take more than " + LIMIT));
    }

    /** A child that is safe from them. */
    ChildProgram child() throws SyscallException {
        return possible ? ChildProgram.apart() : new ChildProgram();
    }

    @Override
    public void close() {
        turn.ifPresent(FileLock::close);
    }
}
