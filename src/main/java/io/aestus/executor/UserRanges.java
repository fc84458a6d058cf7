package io.aestus.executor;

import io.aestus.appc.PodUuid;
import io.aestus.linux.Directory;
import io.aestus.linux.Errno;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Which user IDs of the host belong to which pod. A range is taken by a symbolic link of its number that says the pod's UUID:
 * made in one step or not at all, and seen by every process on the data directory. What a crash leaves is found by the UUID.
 */
final class UserRanges {
    private final Path path;
    private final UserBlocks blocks;

    UserRanges(Path path, UserBlocks blocks) {
        this.path = path;
        this.blocks = blocks;
    }

    /** A range that no other pod of this host has. */
    UserRange take(PodUuid pod) throws IOException {
        Files.createDirectories(path);
        try (Directory taken = Directory.open(path)) {
            var tried = new HashSet<Integer>();
            while (true) {
                for (int block : blocks.own()) {
                    Optional<UserRange> range = tried.add(block) ? take(taken, block, pod) : Optional.empty();
                    if (range.isPresent()) {
                        return range.get();
                    }
                }
                blocks.claim();
            }
        }
    }

    private static Optional<UserRange> take(Directory taken, int block, PodUuid pod) throws IOException {
        int start = Math.floorMod(pod.value().hashCode(), UserBlocks.RANGES);
        for (int i = 0; i < UserBlocks.RANGES; i++) {
            int base = UserBlocks.base(block, (start + i) % UserBlocks.RANGES);
            if (isTaken(taken, UserBlocks.number(base), pod)) {
                return Optional.of(new UserRange(base, UserBlocks.RANGE_IDS));
            }
        }
        return Optional.empty();
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
                giveIfOurs(taken, Integer.toString(UserBlocks.number(range.get().base())), pod);
            } else {
                for (String slot : taken.list()) {
                    giveIfOurs(taken, slot, pod);
                }
            }
        }
    }

    /** Gives back what pods have that are gone. */
    void sweep(Predicate<PodUuid> isGone) throws IOException {
        if (!Files.isDirectory(path)) {
            return;
        }
        try (Directory taken = Directory.open(path)) {
            for (String slot : taken.list()) {
                if (taken.find(slot).isPresent()) {
                    PodUuid pod = PodUuid.parse(taken.readLink(slot));
                    if (isGone.test(pod)) {
                        giveIfOurs(taken, slot, pod);
                    }
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
