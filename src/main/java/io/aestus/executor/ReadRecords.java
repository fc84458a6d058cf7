package io.aestus.executor;

import io.aestus.executor.Stage1.AppPlace;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * What the records of running apps say that a further process of theirs needs: probes and sessions execute many programs in one app,
 * and its records are read once. Thread-safe.
 */
final class ReadRecords {
    /** Of how many apps at most. */
    private static final int MOST = 64;

    /**
     * What they say.
     *
     * @param confinement how the app is confined
     */
    record Known(PodContext pod, Confinement confinement) {}

    private record Read(JsonObject pod, JsonObject app, Known known) {
        static Read of(AppPlace place) {
            var view = JsonView.of(place.confinement(), "the record of the app");
            JsonObject pod = place.pod().record();
            return new Read(pod, place.confinement(), new Known(PodContext.read(pod), Confinement.read(view)));
        }

        boolean isOf(AppPlace place) {
            return app.equals(place.confinement()) && pod.equals(place.pod().record());
        }
    }

    private final SequencedMap<Path, Read> latest = new LinkedHashMap<>(MOST, 0.75f, true);

    synchronized Known of(AppPlace place) {
        Read read = latest.get(place.directory());
        if (read == null || !read.isOf(place)) {
            read = Read.of(place);
            latest.put(place.directory(), read);
            if (latest.size() > MOST) {
                latest.pollFirstEntry();
            }
        }
        return read.known;
    }
}
