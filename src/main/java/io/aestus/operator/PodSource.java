package io.aestus.operator;

import io.aestus.operator.v1alpha1.AppPod;
import io.aestus.operator.v1alpha1.AppPodStatus;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Where AppPods come from and where their status goes. Thread-safe. */
public interface PodSource extends AutoCloseable {
    /** Unique among the sources of a node, for ever: pods are labelled with it. */
    String name();

    /**
     * Begins to watch, and returns when all AppPods of this node are known.
     *
     * @param changed is told of each AppPod that came, changed or went; now and then of others too
     */
    void start(Consumer<PodKey> changed) throws InterruptedException;

    /**
     * The AppPods that are known to be for this node.
     *
     * @return possibly too few, see {@link #isComplete}
     */
    Set<PodKey> keys();

    /** The AppPod as it was last seen; empty if it is gone. */
    Optional<AppPod> find(PodKey key);

    /** False while AppPods may exist that {@link #find} does not know: then nothing is removed for want of one. */
    boolean isComplete();

    /**
     * Sees to it that the AppPod does not vanish before its pod.
     *
     * @return false if it changed meanwhile; then it will be told of again
     */
    boolean hold(AppPod pod);

    /** Nothing is left of it here: lets it vanish, and forgets its status. */
    void release(PodKey key);

    /** Replaces the status as a whole. */
    void report(AppPod pod, AppPodStatus status);

    /** Tells people what happened. Never fails for want of a place to tell it. */
    void tell(AppPod pod, Notice notice);

    @Override
    void close();

    /**
     * Something that happened to an AppPod.
     *
     * @param reason one of {@link Reasons}
     * @param message one line
     */
    record Notice(Weight weight, String reason, String message) {
        static Notice normal(String reason, String message) {
            return new Notice(Weight.NORMAL, reason, message);
        }

        static Notice warning(String reason, String message) {
            return new Notice(Weight.WARNING, reason, message);
        }
    }

    /** Whether somebody ought to look. */
    enum Weight {
        NORMAL,
        WARNING
    }
}
