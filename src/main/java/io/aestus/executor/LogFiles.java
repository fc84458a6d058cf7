package io.aestus.executor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Optional;

/** The files of a log that rotates, as they are found from one look to the next. */
final class LogFiles {
    private static final int CHUNK = 64 * 1024;

    /** One file may be on its way to the next number, and a writer may have died while another one was. */
    private static final int WIDEST_GAP = 2;

    private final Path path;

    LogFiles(Path path) {
        this.path = path;
    }

    /**
     * One of the files, open; it stays the same when it is renamed.
     *
     * @param key tells it from any other
     */
    record Open(FileChannel channel, Object key) implements AutoCloseable {
        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** All there are, the oldest first. */
    Deque<Open> all() throws IOException {
        return list(Optional.empty());
    }

    /** Those that came after {@code current}, the oldest first; none while it is the newest. */
    Deque<Open> after(Open current) throws IOException {
        var found = list(Optional.of(current));
        if (!found.isEmpty() && found.getFirst().key().equals(current.key())) {
            found.removeFirst().close();
            return found;
        }
        // Put aside under a name we do not know: only the newest is sure to follow.
        while (found.size() > 1) {
            found.removeFirst().close();
        }
        return found;
    }

    /**
     * Goes from the newest file back to {@code last}, or to the oldest. While somebody puts files aside, each goes from its
     * number to the next, so that this way none can be missed. But one can be met twice, and where one just went there is a gap.
     */
    private Deque<Open> list(Optional<Open> last) throws IOException {
        var found = new ArrayDeque<Open>();
        int missing = 0;
        for (int number = 0; missing <= WIDEST_GAP; number++) {
            var next = open(path, number);
            if (next.isEmpty()) {
                if (number == 0) {
                    return found; // between a renaming and the new file
                }
                missing++;
                continue;
            }
            missing = 0;
            if (found.stream().map(Open::key).anyMatch(next.get().key()::equals)) {
                next.get().close();
                // What was met between its two numbers is newer than all, or will be met again.
                while (!found.getFirst().key().equals(next.get().key())) {
                    found.removeFirst().close();
                }
                continue;
            }
            found.addFirst(next.get());
            if (last.isPresent() && last.get().key().equals(next.get().key())) {
                return found;
            }
        }
        return found;
    }

    private static Optional<Open> open(Path path, int number) throws IOException {
        Path file = number == 0 ? path : LogFile.rotated(path, number);
        try {
            while (true) {
                Object before = key(file);
                var opened = new Open(FileChannel.open(file), before);
                if (isStill(file, opened)) {
                    return Optional.of(opened);
                }
                opened.close(); // renamed meanwhile
            }
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    private static boolean isStill(Path file, Open opened) throws IOException {
        try {
            return opened.key().equals(key(file));
        } catch (NoSuchFileException _) {
            return false;
        }
    }

    private static Object key(Path file) throws IOException {
        return Objects.requireNonNull(
                Files.readAttributes(file, BasicFileAttributes.class).fileKey());
    }

    /**
     * Puts the position so that at most that many lines follow.
     *
     * @return how many do
     */
    static long seekBack(FileChannel file, long lines) throws IOException {
        long end = file.size();
        if (lines == 0) {
            file.position(end);
            return 0;
        }
        long found = 0;
        var chunk = ByteBuffer.allocate(CHUNK);
        for (long start = end; start > 0; ) {
            int length = (int) Math.min(CHUNK, start);
            start -= length;
            read(file, chunk.clear().limit(length), start);
            for (int i = length - 1; i >= 0; i--) {
                if (chunk.get(i) == '\n' && start + i + 1 < end && ++found == lines) {
                    file.position(start + i + 1);
                    return lines;
                }
            }
        }
        file.position(0);
        return end > 0 ? found + 1 : 0;
    }

    private static void read(FileChannel file, ByteBuffer into, long at) throws IOException {
        long position = at;
        while (into.hasRemaining()) {
            int count = file.read(into, position);
            if (count < 0) {
                throw new IOException("log became shorter while it was read");
            }
            position += count;
        }
    }
}
