package io.aestus.store;

import io.aestus.aci.UnpackLimits;
import io.aestus.aci.UnpackedImage;
import io.aestus.aci.Unpacker;
import io.aestus.linux.Directory;
import io.aestus.linux.Fd;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * An image on its way into the store. Nothing of it can be found, run or seen by others until {@link ImageStore#commit}. Not
 * thread-safe, but its two halves may be filled by two threads: {@link #blob} by one, {@link #unpack} by the other.
 * Closing it without a commit leaves nothing behind; so does the end of the process, once a store is opened again.
 */
public final class StagedImage implements AutoCloseable {
    static final String TREE = "image";
    static final String BLOB = "blob";
    static final String SIGNATURE = "blob.asc";

    private final StagedTree staged;
    private @Nullable UnpackedImage unpacked;
    private boolean hasSignature;

    private StagedImage(StagedTree staged) {
        this.staged = staged;
    }

    static StagedImage begin(StoreDisk disk) throws IOException {
        return new StagedImage(StagedTree.begin(disk, TREE));
    }

    /** Where the archive goes, byte for byte as it arrives; unbuffered, write in large pieces. Closed with this. */
    public OutputStream blob() throws IOException {
        return staged.blob(staged.directory(), BLOB);
    }

    /**
     * Moves an archive in that was kept elsewhere while it arrived, instead of {@link #blob}.
     *
     * @param archive below the store's directory
     */
    public void takeBlob(Path archive) throws IOException {
        staged.takeBlob(archive, BLOB);
    }

    /** The archive's detached signature, kept beside it. */
    public void writeSignature(byte[] signature) throws IOException {
        try (Fd file = staged.directory().createFile(SIGNATURE, 0600)) {
            file.writeFully(signature);
        }
        hasSignature = true;
    }

    /**
     * Unpacks {@code tar} (uncompressed, lent) while it arrives. The result's ID is what the bytes amount to: whether it is
     * the one that was wanted is for the caller to say before it commits.
     */
    public UnpackedImage unpack(InputStream tar, UnpackLimits limits) throws IOException {
        if (unpacked != null) {
            throw new IllegalStateException("unpacked already");
        }
        UnpackedImage image = Unpacker.unpack(tar, staged.tree(), limits);
        unpacked = image;
        return image;
    }

    UnpackedImage unpacked() {
        if (unpacked == null || staged.isClosed()) {
            throw new IllegalStateException("a staged image is committed once, after it was unpacked");
        }
        return unpacked;
    }

    /** The tree that becomes the image's directory. */
    Directory tree() {
        return staged.tree();
    }

    /** Length of the archive so far; 0 if none is kept. */
    long blobBytes() throws SyscallException {
        return staged.blobBytes();
    }

    boolean hasBlob() {
        return staged.hasBlob();
    }

    boolean hasSignature() {
        return hasSignature;
    }

    /** Where one of its parts lies, seen from the store's directory. */
    String below(String part) {
        return staged.below(part);
    }

    @Override
    public void close() throws IOException {
        staged.close();
    }
}
