package io.aestus.executor;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Platform threads for work that may block in the kernel, so that a virtual thread that asks for it does not take its
 * carrier along.
 */
final class Workers implements AutoCloseable {
    private static final long LAST_WORK_SECONDS = 10;

    private final ExecutorService threads = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("aestus-executor-", 1).factory());

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
        var running = threads.submit(work::run);
        try {
            return running.get();
        } catch (InterruptedException e) {
            running.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            throw rethrown(e);
        }
    }

    /** Has it done; whoever asks does not wait. */
    void start(Runnable work) {
        threads.execute(work);
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
        try {
            if (!threads.awaitTermination(LAST_WORK_SECONDS, TimeUnit.SECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException _) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
