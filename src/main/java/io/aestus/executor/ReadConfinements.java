package io.aestus.executor;

import io.aestus.executor.Stage1.AppPlace;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * How running apps are confined, as their records say: probes and sessions execute many programs in one app, and its record is read
 * once. Thread-safe.
 */
final class ReadConfinements {
    /** Of how many apps at most. */
    private static final int MOST = 64;

    private record Read(JsonObject record, Confinement confinement) {}

    private final SequencedMap<Path, Read> latest = new LinkedHashMap<>(MOST, 0.75f, true);

    synchronized Confinement of(AppPlace place) {
        Read known = latest.get(place.directory());
        if (known == null || !known.record.equals(place.confinement())) {
            var view = JsonView.of(place.confinement(), "the record of the app");
            known = new Read(place.confinement(), Confinement.read(view));
            latest.put(place.directory(), known);
            if (latest.size() > MOST) {
                latest.pollFirstEntry();
            }
        }
        return known.confinement;
    }
}
