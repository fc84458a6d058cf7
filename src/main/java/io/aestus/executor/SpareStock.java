package io.aestus.executor;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The pods that are ready for whoever asks, and what the next one shall be like: as the last one that was asked for. Where
 * pods of two kinds are asked for in turn there comes to be one of each.
 *
 * <p>A pod in a network holds an address, and rules that were set a while ago, which somebody may have changed since. So one
 * that nobody takes within {@link #LONGEST_IN_NETWORKS} is outdated, and one that is in no network follows it.
 *
 * <p>Guarded by its owner's lock. Times are those of {@link System#nanoTime}.
 *
 * @param <S> a spare pod
 */
final class SpareStock<S extends SpareStock.Kept> {
    /** What is kept here. */
    interface Kept {
        /** What it is good for. */
        SpareKind kind();

        /** When it was ready. */
        long since();
    }

    static final Duration LONGEST_IN_NETWORKS = Duration.ofMinutes(10);

    private final int wanted;
    private final Deque<S> ready = new ArrayDeque<>();
    private SpareKind wish = SpareKind.ALONE;

    SpareStock(int wanted) {
        this.wanted = wanted;
    }

    /**
     * One for a pod that could have been made as far as that ahead.
     *
     * @return one of just that kind, else a pod in its networks whose first app is another one, or that can still be attached to
     *     them; empty where there is none
     */
    Optional<S> take(SpareKind kind) {
        wish = kind;
        Optional<S> found = ready.stream()
                .filter(spare -> spare.kind().leadsTo(kind))
                .max(Comparator.comparing((S spare) -> spare.kind().networks().equals(kind.networks()))
                        .thenComparing(spare -> spare.kind().first().equals(kind.first()))
                        .thenComparing(spare -> spare.kind().first().isEmpty()));
        found.ifPresent(ready::remove);
        return found;
    }

    private Optional<S> find(SpareKind kind) {
        return ready.stream().filter(spare -> spare.kind().equals(kind)).findFirst();
    }

    void add(S spare) {
        ready.add(spare);
    }

    int size() {
        return ready.size();
    }

    /** What the next one shall be. */
    SpareKind wish() {
        return wish;
    }

    /** It could not be met. */
    void forgetWish() {
        wish = SpareKind.ALONE;
    }

    /** Whether another one is to be made. */
    boolean isShort(long now) {
        return ready.size() < wanted || lacksWish() || ready.stream().anyMatch(spare -> isOutdated(spare, now));
    }

    /** How long from now until one is outdated, in nanoseconds; empty if that will not happen. */
    OptionalLong untilOutdated(long now) {
        return ready.stream()
                .filter(spare -> spare.kind().isInNetworks())
                .mapToLong(spare -> spare.since() + LONGEST_IN_NETWORKS.toNanos() - now)
                .min();
    }

    /** Takes out what nobody shall get any more: what is outdated, and one for what is wished for instead. */
    List<S> outdated(long now) {
        var taken = new ArrayList<>(
                ready.stream().filter(spare -> isOutdated(spare, now)).toList());
        ready.removeAll(taken);
        if (taken.stream().anyMatch(spare -> spare.kind().equals(wish))) {
            forgetWish();
        }
        if (lacksWish()) {
            taken.add(ready.remove());
        }
        return taken;
    }

    private boolean lacksWish() {
        return wanted > 0 && ready.size() >= wanted && find(wish).isEmpty();
    }

    private static boolean isOutdated(Kept spare, long now) {
        return spare.kind().isInNetworks() && now - spare.since() >= LONGEST_IN_NETWORKS.toNanos();
    }

    /** Takes out all. */
    List<S> clear() {
        var all = List.copyOf(ready);
        ready.clear();
        return all;
    }
}
