package io.aestus.executor;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * How an app is written down.
 *
 * @param archive where to; replaced if it is there, and not touched if something fails
 * @param limit for the whole
 * @param id what whoever asks calls the app
 * @param name likewise
 * @param image likewise its image
 * @param created when whoever asks made it
 * @param annotations that the archive is to have
 */
public record CheckpointSpec(
        Path archive,
        Duration limit,
        String id,
        String name,
        String image,
        Instant created,
        Map<String, String> annotations) {
    public CheckpointSpec {
        annotations = Map.copyOf(annotations);
    }
}
