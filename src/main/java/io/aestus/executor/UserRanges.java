package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.PodUuid;
import io.aestus.linux.Directory;
import io.aestus.linux.Errno;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which user IDs of the host belong to which pod. A range is taken by a symbolic link of its number that says the pod's UUID:
 * made in one step or not at all, and seen by every process on the data directory. What a crash leaves is found by the UUID.
 */
final class UserRanges {
    private static final int SIZE = 65536;
    /** Above the ranges that distributions hand out to users, below where programs take an ID for a negative number. */
    private static final int FIRST = 0x2000_0000;

    private static final int COUNT = (0x6fff_0000 - FIRST) / SIZE;

    private final Path path;

    UserRanges(Path path) {
        this.path = path;
    }

    /** A range that no other pod has. */
    UserRange take(PodUuid pod) throws IOException {
        Files.createDirectories(path);
        try (Directory taken = Directory.open(path)) {
            int start = Math.floorMod(pod.value().hashCode(), COUNT);
            for (int i = 0; i < COUNT; i++) {
                int slot = (start + i) % COUNT;
                if (isTaken(taken, slot, pod)) {
                    return new UserRange(FIRST + slot * SIZE, SIZE);
                }
            }
            throw new AestusException(
                    Problem.EXHAUSTED,
                    "cannot give pod " + pod + " users of its own: all " + COUNT + " ranges are taken");
        }
    }

    private static boolean isTaken(Directory taken, int slot, PodUuid pod) throws IOException {
        try {
            taken.makeSymbolicLink(Integer.toString(slot), pod.toString());
            return true;
        } catch (SyscallException e) {
            if (e.errno() == Errno.EEXIST) {
                return false;
            }
            throw e;
        }
    }

    /** Gives back what a pod has, if anything. */
    void give(PodUuid pod, Optional<UserRange> range) throws IOException {
        if (!Files.isDirectory(path)) {
            return;
        }
        try (Directory taken = Directory.open(path)) {
            if (range.isPresent()) {
                giveIfOurs(taken, Integer.toString((range.get().base() - FIRST) / SIZE), pod);
            } else {
                for (String slot : taken.list()) {
                    giveIfOurs(taken, slot, pod);
                }
            }
        }
    }

    private static void giveIfOurs(Directory taken, String slot, PodUuid pod) throws IOException {
        if (taken.find(slot).isPresent() && taken.readLink(slot).equals(pod.toString())) {
            taken.unlink(slot);
        }
    }
}
