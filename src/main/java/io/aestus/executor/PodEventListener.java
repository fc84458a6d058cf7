package io.aestus.executor;

/** Is told of events, one at a time and in order, on a virtual thread of its own. */
@FunctionalInterface
public interface PodEventListener {
    /** May take its time: events queue up, and when too many do the oldest are replaced by {@link PodEvent.Missed}. */
    void on(PodEvent event);
}
