package io.aestus.fetch;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/** Counts for a {@link Progress}: turns bytes into reports and a rate. One image, one thread at a time. */
final class Meter {
    private static final long BETWEEN_REPORTS = Duration.ofMillis(100).toNanos();

    /** Weight of the newest tenth of a second in the rate: it follows a change within about three seconds. */
    private static final double NEWEST = 0.07;

    private final String image;
    private final Progress progress;
    private final LongSupplier nanoTime;

    private Progress.Phase phase = Progress.Phase.DISCOVERING;
    private long received;
    private OptionalLong total = OptionalLong.empty();
    private double rate;
    private long lastReport;
    private long lastReceived;

    Meter(String image, Progress progress) {
        this(image, progress, System::nanoTime);
    }

    Meter(String image, Progress progress, LongSupplier nanoTime) {
        this.image = image;
        this.progress = progress;
        this.nanoTime = nanoTime;
    }

    synchronized void enter(Progress.Phase newPhase) {
        phase = newPhase;
        report();
    }

    /** A new attempt begins, from {@code already} bytes that are here. */
    synchronized void receive(long already, OptionalLong newTotal) {
        phase = Progress.Phase.RECEIVING;
        received = already;
        lastReceived = already;
        lastReport = nanoTime.getAsLong();
        total = newTotal;
        rate = 0;
        report();
    }

    synchronized void received(int bytes) {
        received += bytes;
        long now = nanoTime.getAsLong();
        long passed = now - lastReport;
        if (passed >= BETWEEN_REPORTS) {
            double current = (received - lastReceived) * 1e9 / passed;
            double weight = rate == 0 ? 1 : 1 - Math.pow(1 - NEWEST, (double) passed / BETWEEN_REPORTS);
            rate += weight * (current - rate);
            lastReport = now;
            lastReceived = received;
            report();
        }
    }

    void notice(String line) {
        progress.notice(line);
    }

    private void report() {
        progress.update(new Progress.Report(image, phase, received, total, Math.round(rate)));
    }
}
