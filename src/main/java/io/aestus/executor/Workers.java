package io.aestus.executor;

import io.aestus.linux.Errno;
import io.aestus.linux.NewThread;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TransferQueue;

/**
 * Platform threads for work that may block in the kernel, so that a virtual thread that asks for it does not take its
 * carrier along.
 *
 * <p>One of them is there from the beginning. Where the host has no room for another, it does one thing after the other: an app
 * that ends is recorded late rather than never.
 */
final class Workers implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("io.aestus.executor");
    private static final Duration LAST_WORK = Duration.ofSeconds(10);

    private final ExecutorService threads = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("aestus-executor-", 1).factory());
    private final TransferQueue<Runnable> ofFirst = new LinkedTransferQueue<>();
    private final Thread first =
            Thread.ofPlatform().daemon().name("aestus-executor-0").unstarted(this::work);

    private volatile boolean isOver;

    private Workers() {}

    /** @throws SyscallException EAGAIN if the host has no room for any */
    static Workers open() throws SyscallException {
        var workers = new Workers();
        NewThread.start(workers.first);
        return workers;
    }

    /** Something that may block in the kernel. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws IOException, InterruptedException;
    }

    /** Does it on this thread if it is a platform thread, else has it done while this one waits. */
    <T> T run(Work<T> work) throws IOException, InterruptedException {
        if (!Thread.currentThread().isVirtual()) {
            return work.run();
        }
        var running = submit(work);
        try {
            return running.get();
        } catch (InterruptedException e) {
            running.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            throw rethrown(e);
        }
    }

    private <T> Future<T> submit(Work<T> work) throws SyscallException {
        try {
            return threads.submit(work::run);
        } catch (OutOfMemoryError _) {
            throw new SyscallException("start a thread", Errno.EAGAIN);
        }
    }

    /** Has it done; whoever asks does not wait. */
    void start(Runnable work) {
        if (!threads.isShutdown() && ofFirst.tryTransfer(work)) {
            return;
        }
        try {
            threads.execute(work);
        } catch (OutOfMemoryError _) {
            ofFirst.add(work);
        }
    }

    private void work() {
        try {
            while (!isOver) {
                runGuarded(ofFirst.take());
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static void runGuarded(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "internal error", e);
        }
    }

    private static IOException rethrown(ExecutionException failed) throws InterruptedException {
        return switch (failed.getCause()) {
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case InterruptedException e -> throw e;
            case IOException e -> e;
            case null, default -> new IOException(failed);
        };
    }

    /** Lets begun work end, for a while. */
    @Override
    public void close() {
        threads.shutdown();
        ofFirst.add(() -> isOver = true);
        try {
            long deadline = System.nanoTime() + LAST_WORK.toNanos();
            if (!first.join(LAST_WORK)) {
                first.interrupt();
            }
            if (!threads.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException _) {
            first.interrupt();
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
