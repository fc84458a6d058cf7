package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.aci.Compression;
import io.aestus.aci.UnpackLimits;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * One pass from arriving bytes to files in staging.
 *
 * <pre>
 *              thread "receive"                                    thread "unpack"
 *  archive ──► signature digest ──► gunzip ──► a few chunks ──► SHA-512 of the tar ──► tar ──► files in staging
 *              (and blob on disk)                                                                 │
 *  ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ unverified ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ┘
 *                     both at their end: signature good? ID, name, labels as asked? ──► commit: one rename
 * </pre>
 *
 * <p>The cut is behind gunzip because there the two halves take about the same time; three or four threads were no faster on
 * two processors. Both threads are the operating system's: the one computes, the other makes system calls, and either would
 * starve the virtual threads of its carrier.
 */
final class Pipeline {
    private final ChunkPipe pipe = new ChunkPipe();
    private final Runnable breakOff;
    private @Nullable Throwable failure;

    /** @param breakOff ends a read of the archive that waits, from another thread */
    Pipeline(Runnable breakOff) {
        this.breakOff = breakOff;
    }

    /** What makes files of a tar: {@code StagedImage::unpack}. */
    interface Unpacking<T> {
        T unpack(InputStream tar, UnpackLimits limits) throws IOException;
    }

    /**
     * Runs both halves to their ends.
     *
     * @param archive as delivered; read to its end. What must see these bytes sits in it
     * @param unpacking makes the files
     * @throws AestusException for what the archive itself gets wrong
     * @throws IOException if the source or the disk fails, or the calling thread is interrupted; nothing runs on after that
     */
    <T> T run(InputStream archive, Unpacking<T> unpacking, UnpackLimits limits) throws IOException {
        var unpacked = new ArrayList<T>();
        Thread receive = half("receive", () -> {
            var lent = new Unclosed(archive);
            pipe.fillFrom(Compression.open(lent, limits));
            drain(lent);
        });
        Thread unpack = half("unpack", () -> unpacked.add(unpacking.unpack(pipe.output(), limits)));
        receive.start();
        unpack.start();
        boolean wasInterrupted = waitFor(receive);
        wasInterrupted |= waitFor(unpack);
        if (wasInterrupted) {
            Thread.currentThread().interrupt();
        }
        throwFailure();
        return unpacked.getFirst();
    }

    /** What follows the compressed data belongs to the signed bytes too. */
    private static void drain(InputStream archive) throws IOException {
        archive.transferTo(OutputStream.nullOutputStream());
    }

    /** Whoever decompresses closes what it reads at its end, but we are not through with it. */
    private static final class Unclosed extends FilterInputStream {
        Unclosed(InputStream in) {
            super(in);
        }

        @Override
        public void close() {}
    }

    private interface Work {
        void run() throws IOException;
    }

    private Thread half(String name, Work work) {
        return Thread.ofPlatform().name("aestus-" + name).unstarted(() -> {
            try {
                work.run();
            } catch (ChunkPipe.BrokenPipeException _) {
                return; // the other half has the reason
            } catch (IOException | RuntimeException | Error e) {
                fail(e);
            }
        });
    }

    private void fail(Throwable cause) {
        synchronized (this) {
            if (failure == null) {
                failure = cause;
            }
        }
        pipe.fail(cause);
        breakOff.run();
    }

    /** @return whether we were interrupted meanwhile; the halves have ended all the same */
    private boolean waitFor(Thread half) {
        boolean isInterrupted = false;
        while (true) {
            try {
                half.join();
                return isInterrupted;
            } catch (InterruptedException _) {
                isInterrupted = true;
                fail(new InterruptedIOException("interrupted"));
            }
        }
    }

    private synchronized void throwFailure() throws IOException {
        switch (failure) {
            case null -> {}
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(failure);
        }
    }
}
