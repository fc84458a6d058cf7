package io.aestus.client;

import java.time.Instant;
import java.util.Map;

/**
 * A pod that was made over this interface.
 *
 * @param id the pod's UUID, as {@code aestus list} shows it
 * @param uid the one that whoever made it knows it by
 * @param attempt counts how often it was made anew
 */
public record Sandbox(
        String id,
        String namespace,
        String name,
        String uid,
        int attempt,
        State state,
        Instant createdAt,
        Map<String, String> labels,
        Map<String, String> annotations) {
    /** Whether containers can run in it. */
    public enum State {
        READY,
        NOT_READY
    }

    public Sandbox {
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
    }
}
