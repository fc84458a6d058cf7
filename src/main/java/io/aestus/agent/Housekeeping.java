package io.aestus.agent;

import io.aestus.AestusException;
import io.aestus.appc.ImageId;
import io.aestus.executor.AppStatus;
import io.aestus.executor.Executor;
import io.aestus.executor.GcOptions;
import io.aestus.store.ImageStore;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** Removes, now and then, ended pods and images that nobody needs. */
final class Housekeeping implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Housekeeping.class);

    private final Executor executor;
    private final ImageStore images;
    private final Duration interval;
    private final Duration grace;
    private final Thread thread =
            Thread.ofPlatform().daemon().name("housekeeping").unstarted(this::run);

    Housekeeping(Executor executor, ImageStore images, Duration interval, Duration grace) {
        this.executor = executor;
        this.images = images;
        this.interval = interval;
        this.grace = grace;
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (true) {
                TimeUnit.NANOSECONDS.sleep(interval.toNanos());
                clean();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    private void clean() {
        try {
            executor.gc(new GcOptions(grace, grace));
            Set<ImageId> inUse = executor.list().stream()
                    .flatMap(pod -> pod.apps().stream())
                    .map(AppStatus::image)
                    .collect(Collectors.toSet());
            images.gc(grace, inUse);
        } catch (AestusException | IOException e) {
            LOG.warn("cannot clean up now: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
