package io.aestus.client;

import java.time.Instant;
import java.util.Map;

/**
 * An app in a sandbox.
 *
 * @param sandbox ID of the pod it is in
 * @param attempt counts its restarts
 * @param image ID of what it runs
 */
public record Container(
        String id,
        String sandbox,
        String name,
        int attempt,
        String image,
        State state,
        Instant createdAt,
        Map<String, String> labels,
        Map<String, String> annotations) {
    /** Where it is in its life, which goes one way. */
    public enum State {
        CREATED,
        RUNNING,
        EXITED,
        UNKNOWN
    }

    public Container {
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
    }
}
