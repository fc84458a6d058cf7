package io.aestus.cri;

import io.aestus.AestusException;
import io.aestus.store.DiskTotal;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What things take on disk, however often somebody asks: one thread looks, at each no oftener than once in ten seconds, and fifty times as
 * seldom as it takes, so that it is busy for a fiftieth of the time per thing at most. Who asks gets what was seen last; the first one
 * waits for a moment. Thread-safe.
 */
final class DiskMeter implements AutoCloseable {
    private static final Duration SHORTEST_INTERVAL = Duration.ofSeconds(10);
    private static final int SHARE = 50;
    private static final Duration PATIENCE = Duration.ofMillis(500);
    private static final Duration FORGOTTEN = Duration.ofMinutes(10);

    /** What was seen, and when. */
    record Reading(Instant at, DiskTotal use) {}

    /** How something is measured. */
    interface Measure {
        /** Looks; fails in either way if it is not there. */
        DiskTotal take() throws IOException;
    }

    private static final class Gauge {
        private @Nullable Reading last;
        private boolean isQueued;
        private long notBefore = System.nanoTime();
        private long asked = System.nanoTime();
    }

    private final InstantSource clock;
    private final Map<Object, Gauge> gauges = new LinkedHashMap<>();
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("disk-meter").factory());

    DiskMeter(InstantSource clock) {
        this.clock = clock;
    }

    /** Until when one call waits for what nobody has asked for before, by the clock of {@link System#nanoTime}. */
    static long deadline() {
        return System.nanoTime() + PATIENCE.toNanos();
    }

    /**
     * What something took last time.
     *
     * @param what by which it is known again
     * @return empty if it is not there, or was never looked at, and is not until the deadline
     */
    synchronized Optional<Reading> read(Object what, Measure measure, long deadline) throws InterruptedException {
        Gauge gauge = gauges.computeIfAbsent(what, _ -> new Gauge());
        long now = System.nanoTime();
        gauge.asked = now;
        if (!gauge.isQueued && now - gauge.notBefore >= 0) {
            gauge.isQueued = queue(measure, gauge);
        }
        while (gauge.last == null && gauge.isQueued) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                break;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return Optional.ofNullable(gauge.last);
    }

    private boolean queue(Measure measure, Gauge gauge) {
        forget();
        try {
            thread.execute(() -> {
                long begin = System.nanoTime();
                Optional<DiskTotal> use = taken(measure);
                done(gauge, use, System.nanoTime() - begin);
            });
            return true;
        } catch (RejectedExecutionException _) {
            return false; // closed
        }
    }

    private static Optional<DiskTotal> taken(Measure measure) {
        try {
            return Optional.of(measure.take());
        } catch (IOException | AestusException _) {
            return Optional.empty(); // removed, or the disk is sick, which others say
        }
    }

    private synchronized void done(Gauge gauge, Optional<DiskTotal> use, long nanos) {
        gauge.isQueued = false;
        gauge.last = use.map(total -> new Reading(clock.instant(), total)).orElse(null);
        gauge.notBefore =
                System.nanoTime() + (use.isEmpty() ? 0 : Math.max(SHORTEST_INTERVAL.toNanos(), nanos * SHARE));
        notifyAll();
    }

    private void forget() {
        long limit = System.nanoTime() - FORGOTTEN.toNanos();
        for (Iterator<Gauge> all = gauges.values().iterator(); all.hasNext(); ) {
            Gauge gauge = all.next();
            if (!gauge.isQueued && gauge.asked - limit < 0) {
                all.remove();
            }
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
