package io.aestus.cri;

import io.aestus.executor.AppUsage;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * How busy things are, which no kernel says: what they used between two looks by the time between. Looks that follow closer than a second
 * get the figure of the one before, for the clock of the accounts is coarse, and several may ask. What nobody asks for is forgotten.
 * Thread-safe.
 */
final class CpuRates {
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration FORGOTTEN = Duration.ofMinutes(10);
    private static final double NANOS_PER_SECOND = 1e9;

    private record Look(AppUsage usage, OptionalLong nanoCores) {}

    private final Map<Object, Look> last = new HashMap<>();
    private int sizeToForgetAt = 64;

    /**
     * Billionths of a processor that were busy.
     *
     * @param what by which it is known again
     * @param now what it used so far
     * @return empty at the first look, and after what it used began anew
     */
    synchronized OptionalLong nanoCores(Object what, AppUsage now) {
        if (now.cpuNanos() < 0) {
            return OptionalLong.empty();
        }
        Look before = last.get(what);
        if (before == null || now.cpuNanos() < before.usage().cpuNanos()) {
            return keep(what, new Look(now, OptionalLong.empty()));
        }
        Duration passed = Duration.between(before.usage().at(), now.at());
        if (passed.compareTo(SHORTEST) < 0 && !passed.isNegative()) {
            return before.nanoCores();
        }
        if (passed.isNegative()) {
            return keep(what, new Look(now, OptionalLong.empty())); // somebody set the clock back
        }
        long used = now.cpuNanos() - before.usage().cpuNanos();
        return keep(what, new Look(now, OptionalLong.of(Math.round(used * NANOS_PER_SECOND / passed.toNanos()))));
    }

    private OptionalLong keep(Object what, Look look) {
        last.put(what, look);
        if (last.size() > sizeToForgetAt) {
            last.values()
                    .removeIf(each ->
                            Duration.between(each.usage().at(), look.usage().at())
                                            .compareTo(FORGOTTEN)
                                    > 0);
            sizeToForgetAt = Math.max(sizeToForgetAt, last.size() * 2);
        }
        return look.nanoCores();
    }
}
