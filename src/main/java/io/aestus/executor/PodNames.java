package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.PodUuid;
import io.aestus.linux.Directory;
import io.aestus.linux.Errno;
import io.aestus.linux.FileLock;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Which pod has which name: {@code names/NAME} is a symbolic link that says a UUID. Reading one takes no lock. Whoever takes or
 * gives back a name holds {@code names/.lock} meanwhile. A link is only a hint: a name belongs to a pod that lives, so what a
 * crash leaves is in nobody's way.
 */
final class PodNames {
    private static final String LOCK = ".lock";
    private static final String FRESH = ".new";

    private final Path path;
    private final PodFiles files;
    private final Duration patience;

    PodNames(Path directory, PodFiles files, Duration patience) {
        this.path = directory.resolve("names");
        this.files = files;
        this.patience = patience;
    }

    /**
     * Gives a name to a pod whose directory is there and whose owner's lock is held.
     *
     * @throws AestusException {@link Problem#CONFLICT} if a pod that lives has it
     */
    void take(PodName name, PodUuid pod) throws IOException {
        Files.createDirectories(path);
        try (var _ = lock();
                Directory names = Directory.open(path)) {
            Optional<PodUuid> holder = holder(names, name);
            if (holder.isPresent() && isLive(holder.get())) {
                throw new AestusException(
                                Problem.CONFLICT,
                                "cannot name a pod " + name + ": pod " + holder.get() + " has that name")
                        .withRemedy("another name, or aestus stop " + name);
            }
            names.unlink(FRESH); // of somebody who died here
            names.makeSymbolicLink(FRESH, pod.toString());
            names.rename(FRESH, name.value());
        }
    }

    /** Takes a name away from a pod, if it has it. */
    void give(PodName name, PodUuid pod) throws IOException {
        if (!Files.isDirectory(path)) {
            return;
        }
        try (var _ = lock();
                Directory names = Directory.open(path)) {
            if (holder(names, name).filter(pod::equals).isPresent()) {
                names.unlink(name.value());
            }
        }
    }

    /** The pod that has a name, or had it last. */
    Optional<PodUuid> find(String word) throws IOException {
        if (!PodName.isOne(word) || !Files.isDirectory(path)) {
            return Optional.empty();
        }
        Optional<PodUuid> holder;
        try (Directory names = Directory.open(path)) {
            holder = holder(names, new PodName(word));
        }
        return holder.isPresent() && files.find(holder.get()).isPresent() ? holder : Optional.empty();
    }

    /** Takes away names of pods that are no more. */
    void sweep() throws IOException {
        if (!Files.isDirectory(path)) {
            return;
        }
        try (var _ = lock();
                Directory names = Directory.open(path)) {
            for (String entry : names.list()) {
                if (PodName.isOne(entry)) {
                    Optional<PodUuid> holder = holder(names, new PodName(entry));
                    if (holder.isPresent() && files.find(holder.get()).isEmpty() && !isOwned(holder.get())) {
                        names.unlink(entry);
                    }
                }
            }
        }
    }

    private FileLock lock() throws IOException {
        return FileLock.acquire(path.resolve(LOCK), FileLock.Kind.EXCLUSIVE, patience)
                .orElseThrow(() -> new AestusException(
                        Problem.UNAVAILABLE, "cannot lock the names of pods: somebody holds " + path.resolve(LOCK)));
    }

    private static Optional<PodUuid> holder(Directory names, PodName name) throws SyscallException {
        try {
            return Optional.of(PodUuid.parse(names.readLink(name.value())));
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private boolean isLive(PodUuid pod) throws IOException {
        Optional<PodRecord> record = files.find(pod);
        if (record.isEmpty()) {
            return isOwned(pod); // being made, or gone
        }
        return switch (record.get().state()) {
            case PodState.Prepared _ -> true;
            case PodState.Starting _ -> isOwned(pod);
            case PodState.Running _ ->
                record.get().process().isPresent()
                        && record.get().process().get().isAlive();
            case PodState.Exited _, PodState.Aborted _ -> false;
        };
    }

    private boolean isOwned(PodUuid pod) throws IOException {
        if (!Files.isDirectory(files.pod(pod))) {
            return false;
        }
        try (var lock = files.tryOwn(pod).orElse(null)) {
            return lock == null;
        } catch (AestusException e) {
            if (e.problem() == Problem.NOT_FOUND) { // removed meanwhile
                return false;
            }
            throw e;
        }
    }
}
