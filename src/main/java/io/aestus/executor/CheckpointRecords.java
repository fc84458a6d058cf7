package io.aestus.executor;

import io.aestus.appc.App;
import io.aestus.appc.Mount;
import io.aestus.executor.Stage1.AppPlace;
import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import io.aestus.json.JsonWriter;
import java.time.Instant;

/** What is said of an app beside its processes, in the words of those who read such archives. */
record CheckpointRecords(AppPlace place, App app, CheckpointSpec wanted) {
    byte[] config(Instant now) {
        return JsonWriter.pretty(JsonObject.builder()
                .put("id", wanted.id())
                .put("name", wanted.name())
                .put(
                        "rootfsImage",
                        place.app().image().id().map(Object::toString).orElse(""))
                .put("rootfsImageName", wanted.image())
                .put("runtime", "aestus")
                .put("createdTime", wanted.created())
                .put("checkpointedTime", now)
                .build());
    }

    /**
     * As far as it says how the container is made: what it executes, as whom, with which rights and where volumes were.
     *
     * @see <a href="https://github.com/opencontainers/runtime-spec/blob/main/config.md">OCI runtime specification: config</a>
     */
    byte[] spec() {
        Confinement confinement = Confinement.read(JsonView.of(place.confinement(), "the record of the app"));
        return JsonWriter.pretty(JsonObject.builder()
                .put("ociVersion", OciConfig.VERSION)
                .put(
                        "process",
                        OciConfig.process(
                                confinement, app.exec(), place.options().terminal()))
                .put(
                        "root",
                        JsonObject.builder()
                                .put("path", "rootfs")
                                .put("readonly", place.app().readOnlyRootFs())
                                .build())
                .put("mounts", Json.array(place.app().mounts(), CheckpointRecords::mount))
                .put("annotations", annotations())
                .build());
    }

    private static JsonObject mount(Mount mount) {
        return JsonObject.builder()
                .put("destination", mount.path().value())
                .put("source", mount.volume().value())
                .put("type", "bind")
                .build();
    }

    private JsonObject annotations() {
        var json = JsonObject.builder();
        wanted.annotations().forEach(json::put);
        return json.build();
    }
}
