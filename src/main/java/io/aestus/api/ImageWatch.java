package io.aestus.api;

import io.aestus.api.v1alpha.Event;
import io.aestus.api.v1alpha.EventType;
import io.aestus.appc.ImageId;
import io.aestus.store.ImageStore;
import io.aestus.store.StoredImage;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What comes into the image store and goes, told by looking now and then: any process may change it, and an image is there or not by
 * one rename. For one thread.
 */
final class ImageWatch {
    private final ImageStore store;
    private final InstantSource clock;
    private final Map<ImageId, String> known = new HashMap<>();
    private final List<Event> past = new ArrayList<>();

    ImageWatch(ImageStore store, InstantSource clock) throws IOException {
        this.store = store;
        this.clock = clock;
        for (StoredImage image : store.list()) {
            past.add(imported(image));
        }
    }

    /** When those came that are there. */
    List<Event> past() {
        return List.copyOf(past);
    }

    /** What has happened since the last look. */
    List<Event> changes() throws IOException {
        var events = new ArrayList<Event>();
        var ids = store.ids();
        for (ImageId id : ids) {
            if (!known.containsKey(id)) {
                store.find(id).ifPresent(image -> events.add(imported(image)));
            }
        }
        for (ImageId gone :
                known.keySet().stream().filter(id -> !ids.contains(id)).toList()) {
            events.add(event(EventType.EVENT_TYPE_IMAGE_REMOVED, gone, known.remove(gone), clock.instant()));
        }
        return events;
    }

    private Event imported(StoredImage image) {
        String name = image.manifest().name().toString();
        known.put(image.id(), name);
        return event(
                EventType.EVENT_TYPE_IMAGE_IMPORTED,
                image.id(),
                name,
                image.record().imported());
    }

    private static Event event(EventType type, ImageId id, String name, Instant at) {
        return Event.newBuilder()
                .setType(type)
                .setId(id.toString())
                .setFrom(name)
                .setTime(at.getEpochSecond())
                .build();
    }
}
