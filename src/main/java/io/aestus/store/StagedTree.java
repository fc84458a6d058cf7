package io.aestus.store;

import io.aestus.linux.Directory;
import io.aestus.linux.Fd;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A tree on its way into the store, and the blob that it is unpacked from. Not thread-safe, but one thread may write the blob while
 * another fills the tree. Closing it leaves nothing behind of what was not moved out; so does the end of the process, once a store is
 * opened again.
 */
final class StagedTree implements AutoCloseable {
    private final Staging staging;
    private final String name;
    private final Directory tree;
    private @Nullable Fd blob;
    private boolean isClosed;

    private StagedTree(Staging staging, String name, Directory tree) {
        this.staging = staging;
        this.name = name;
        this.tree = tree;
    }

    /** @param name of the tree's directory */
    static StagedTree begin(StoreDisk disk, String name) throws IOException {
        Staging staging = Staging.begin(disk);
        try {
            staging.directory().makeDirectory(name, 0700);
            return new StagedTree(staging, name, staging.directory().openDirectory(name));
        } catch (SyscallException e) {
            staging.close();
            throw e;
        }
    }

    /** Where the blob goes, byte for byte as it arrives; unbuffered. Closed with this. */
    OutputStream blob(Directory place, String file) throws IOException {
        if (blob == null) {
            blob = place.createFile(file, 0600);
        }
        return blob.outputStream();
    }

    /** Moves a blob in that was kept elsewhere, below the store's directory, while it arrived. */
    void takeBlob(Path archive, String file) throws IOException {
        if (blob != null) {
            throw new IllegalStateException("there is an archive already");
        }
        staging.take(archive, file);
        blob = staging.directory().openForReading(file);
    }

    boolean hasBlob() {
        return blob != null;
    }

    /** Length of the blob so far; 0 if none is kept. */
    long blobBytes() throws SyscallException {
        return blob == null ? 0 : blob.status().size();
    }

    Directory tree() {
        return tree;
    }

    /** What the tree's directory is in. */
    Directory directory() {
        return staging.directory();
    }

    /** Where the tree lies, seen from the store's directory. */
    String place() {
        return below(name);
    }

    /** Where something beside the tree lies, seen from the store's directory. */
    String below(String part) {
        return staging.below(part);
    }

    boolean isClosed() {
        return isClosed;
    }

    @Override
    public void close() throws IOException {
        if (isClosed) {
            return;
        }
        isClosed = true;
        if (blob != null) {
            blob.close();
        }
        tree.close();
        staging.close();
    }
}
