package io.aestus.executor;

import java.time.Duration;
import java.util.Optional;

/**
 * How something is asked to end, and for how long it is asked.
 *
 * @param grace how long after the signal everything that is left is killed; zero kills at once. While one stop waits, a
 *     second one with a shorter grace wins, and sends no second signal
 * @param signal number of the signal; empty for the app's own stop signal
 */
public record StopOptions(Duration grace, Optional<Integer> signal) {
    /** The app's signal, then ten seconds. */
    public static final StopOptions DEFAULT = new StopOptions(Duration.ofSeconds(10), Optional.empty());

    /** Kills at once. */
    public static final StopOptions NOW = new StopOptions(Duration.ZERO, Optional.empty());

    public StopOptions {
        if (grace.isNegative()) throw new IllegalArgumentException("negative grace: " + grace);
    }

    public static StopOptions within(Duration grace) {
        return new StopOptions(grace, Optional.empty());
    }

    public StopOptions withSignal(int newSignal) {
        return new StopOptions(grace, Optional.of(newSignal));
    }
}
