package io.aestus.executor;

import io.aestus.executor.LogLine.Stream;
import io.aestus.linux.ByteSearch;
import io.aestus.linux.Directory;
import io.aestus.linux.Fd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The log of one app, being written. A chunk is in it as a whole or not at all: what fails half-way is cut off again. For the
 * one thread that writes all logs.
 */
final class LogFile implements AutoCloseable {
    private static final int PERMISSIONS = 0640;
    private static final int BUFFER = 256 * 1024;
    private static final int FULLEST = BUFFER - LogFormat.LONGEST_TEXT - LogFormat.OVERHEAD;

    private final Path path;
    private final Optional<LogRotation> rotation;
    private final LogJournal journal;
    private final Clock clock;
    private final byte[] buffer;
    private final Set<Stream> openLines = EnumSet.noneOf(Stream.class);
    private Fd file;
    private long inode;
    private long length;

    /** Room for entries before they are written; all logs of a thread share it. */
    static byte[] newBuffer() {
        return new byte[BUFFER];
    }

    /**
     * Opens a log where it was left, and cuts off what was half written.
     *
     * @param rotation empty when somebody else rotates it
     * @param journal taken
     */
    LogFile(Path path, Optional<LogRotation> rotation, LogJournal journal, Clock clock, byte[] buffer)
            throws IOException {
        this.path = path;
        this.rotation = rotation;
        this.journal = journal;
        this.clock = clock;
        this.buffer = buffer;
        this.file = openFile(path);
        for (Stream stream : Stream.values()) {
            if (journal.isLineOpen(stream)) {
                openLines.add(stream);
            }
        }
        look();
        if (journal.isTornIn(inode) && length > journal.length()) {
            cutTo(journal.length());
        }
        journal.done(openLines);
    }

    private static Fd openFile(Path path) throws IOException {
        try (Directory parent = Directory.open(Objects.requireNonNull(path.getParent(), "log without a directory"))) {
            return parent.openForAppending(path.getFileName().toString(), PERMISSIONS);
        }
    }

    private void look() throws IOException {
        var status = file.status();
        inode = status.inode();
        length = status.size();
    }

    private void cutTo(long newLength) throws IOException {
        file.truncate(newLength);
        length = newLength;
    }

    /**
     * Writes what an app wrote: its whole lines, or, if there is none, the part of a line.
     *
     * @param last whether nothing comes after it: then it is written to its end
     * @return how many bytes of it are in the log now
     * @throws IOException if the disk is full, say; then nothing of it is
     */
    int append(Stream stream, byte[] chunk, int count, boolean last) throws IOException {
        rotateIfLarge();
        int lines = last ? count : ByteSearch.last(chunk, (byte) '\n', 0, count) + 1;
        int taken = lines == 0 ? count : lines;
        journal.begin(inode, length);
        boolean wasOpen = openLines.contains(stream);
        try {
            boolean isOpen = write(stream, chunk, taken, last, wasOpen);
            setOpen(stream, isOpen);
        } catch (IOException e) {
            cutTo(journal.length());
            setOpen(stream, wasOpen);
            throw e;
        } finally {
            journal.done(openLines);
        }
        return taken;
    }

    /** The stream is over: a line that was not ended by the app is ended here. */
    void end(Stream stream) throws IOException {
        if (openLines.contains(stream)) {
            append(stream, new byte[] {'\n'}, 1, true);
        }
    }

    /** @return whether the last entry is partial */
    private boolean write(Stream stream, byte[] chunk, int count, boolean last, boolean wasOpen) throws IOException {
        byte[] stamp = LogFormat.stamp(clock.instant());
        boolean isOpen = wasOpen;
        int at = 0;
        for (int from = 0; from < count; ) {
            int feed = ByteSearch.first(chunk, (byte) '\n', from, Math.min(count, from + LogFormat.LONGEST_TEXT + 1));
            int to = feed >= 0 ? feed : Math.min(count, from + LogFormat.LONGEST_TEXT);
            isOpen = feed < 0 && !(last && to == count);
            System.arraycopy(stamp, 0, buffer, at, stamp.length);
            at = LogFormat.head(buffer, at + stamp.length, stream, isOpen);
            System.arraycopy(chunk, from, buffer, at, to - from);
            at += to - from;
            buffer[at++] = '\n';
            from = feed >= 0 ? feed + 1 : to;
            if (at > FULLEST) {
                flush(at);
                at = 0;
            }
        }
        flush(at);
        return isOpen;
    }

    private void flush(int count) throws IOException {
        file.writeFully(buffer, 0, count);
        length += count;
    }

    private void setOpen(Stream stream, boolean isOpen) {
        if (isOpen) {
            openLines.add(stream);
        } else {
            openLines.remove(stream);
        }
    }

    private void rotateIfLarge() throws IOException {
        if (rotation.isEmpty() || length < rotation.get().limitBytes()) {
            return;
        }
        int keep = rotation.get().keep();
        if (keep == 1) {
            cutTo(0);
            return;
        }
        for (int number = keep - 1; number > 0; number--) {
            Path newer = number == 1 ? path : rotated(path, number - 1);
            if (Files.exists(newer)) { // fewer than that may have been needed so far
                Files.move(newer, rotated(path, number), StandardCopyOption.ATOMIC_MOVE);
            }
        }
        reopen();
    }

    /** Where the n-th file before the current one is. */
    static Path rotated(Path path, int number) {
        return path.resolveSibling(path.getFileName() + "." + number);
    }

    /** Goes on in a new file at the same path. On an error, in the old one. */
    void reopen() throws IOException {
        Fd old = file;
        file = openFile(path);
        try {
            look();
        } finally {
            old.close();
        }
    }

    @Override
    public void close() {
        file.close();
        journal.close();
    }
}
