package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.linux.Directory;
import io.aestus.linux.Fd;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A file or directory that a command makes for its user: written beside its place under another name, and put there by one
 * rename when it is whole. What fails half-way leaves nothing, and what was there before stays until then.
 */
final class NewFile {
    /** What becomes of something that stands in the way. */
    enum Existing {
        KEPT,
        REPLACED;

        static Existing of(boolean overwrite) {
            return overwrite ? REPLACED : KEPT;
        }
    }

    /** Writes a file's content. */
    interface Content<T> {
        T writeTo(OutputStream out) throws IOException;
    }

    /** Fills a directory and says which below it is the one that was wanted; empty for itself. */
    interface Tree {
        String fill(Directory directory) throws IOException;
    }

    private static final int FILE_MODE = 0644;
    private static final int DIRECTORY_MODE = 0755;

    private final Path place;
    private final Existing existing;
    private final String name;
    private final String temporary;

    NewFile(Path place, Existing existing) {
        this.place = place.toAbsolutePath().normalize();
        this.existing = existing;
        Path last = this.place.getFileName();
        if (last == null) {
            throw new AestusException(Problem.INVALID, "cannot write to /: it is the root of this host");
        }
        this.name = last.toString();
        this.temporary = ".aestus-" + ProcessHandle.current().pid() + "-" + Long.toHexString(System.nanoTime());
    }

    /** Writes a file. */
    <T> T write(Content<T> content) throws IOException {
        try (Directory parent = parent()) {
            requireFree(parent);
            try {
                T result;
                try (Fd file = parent.createFile(temporary, FILE_MODE);
                        OutputStream out = file.outputStream()) {
                    result = content.writeTo(out);
                    out.flush();
                    file.syncData();
                }
                put(parent, temporary);
                return result;
            } finally {
                parent.unlink(temporary); // gone already if all went well
            }
        }
    }

    /** Makes a directory. */
    void fill(Tree tree) throws IOException {
        try (Directory parent = parent()) {
            requireFree(parent);
            parent.makeDirectory(temporary, DIRECTORY_MODE);
            try {
                String wanted;
                try (Directory directory = parent.openDirectory(temporary)) {
                    wanted = tree.fill(directory);
                }
                put(parent, wanted.isEmpty() ? temporary : temporary + '/' + wanted);
            } finally {
                parent.removeTree(temporary);
            }
        }
    }

    private Directory parent() throws IOException {
        return Directory.open(Objects.requireNonNull(place.getParent(), "it has a last name, so a parent"));
    }

    private void requireFree(Directory parent) throws IOException {
        if (existing == Existing.KEPT && !isFree(parent)) {
            throw inTheWay();
        }
    }

    /** An empty directory is no loss. */
    private boolean isFree(Directory parent) throws IOException {
        var status = parent.find(name);
        if (status.isEmpty()) {
            return true;
        }
        if (!status.get().isDirectory()) {
            return false;
        }
        try (Directory there = parent.openDirectory(name)) {
            return there.list().isEmpty();
        }
    }

    private void put(Directory parent, String made) throws IOException {
        if (parent.renameWithoutReplacing(made, parent, name)) {
            return;
        }
        requireFree(parent);
        parent.exchange(made, name);
        parent.removeTree(made);
    }

    private AestusException inTheWay() {
        return new AestusException(Problem.CONFLICT, "cannot write " + place + ": it is there already")
                .withRemedy("another place, or --overwrite");
    }
}
