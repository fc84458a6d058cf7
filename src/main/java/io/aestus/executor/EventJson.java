package io.aestus.executor;

import io.aestus.appc.AcName;
import io.aestus.appc.PodUuid;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import java.time.Instant;

/** Events as lines of the journal. */
final class EventJson {
    private EventJson() {}

    static JsonObject of(PodEvent event) {
        var json = JsonObject.builder().put("at", event.at()).put("event", event.word());
        if (event instanceof PodEvent.OfPod ofPod) {
            json.put("pod", ofPod.pod().toString());
        }
        switch (event) {
            case PodEvent.PodPrepared _, PodEvent.PodStarted _, PodEvent.PodExited _, PodEvent.PodRemoved _ -> {}
            case PodEvent.AppCreated(var _, AcName app, var _) -> json.put("app", app.value());
            case PodEvent.AppStarted(var _, AcName app, var _) -> json.put("app", app.value());
            case PodEvent.AppReady(var _, AcName app, var _) -> json.put("app", app.value());
            case PodEvent.AppUnready(var _, AcName app, var _) -> json.put("app", app.value());
            case PodEvent.AppExited(var _, AcName app, var _, ExitStatus status) ->
                json.put("app", app.value()).put("status", RecordJson.of(status));
            case PodEvent.AppRemoved(var _, AcName app, var _) -> json.put("app", app.value());
            case PodEvent.LogStalled(var _, AcName app, var _, String why) ->
                json.put("app", app.value()).put("why", why);
            case PodEvent.Missed(var _, long count) -> json.put("count", count);
        }
        return json.build();
    }

    static PodEvent read(JsonView view) {
        Instant at = view.required("at").instant();
        JsonView word = view.required("event");
        return switch (word.string()) {
            case "pod-prepared" -> new PodEvent.PodPrepared(pod(view), at);
            case "pod-started" -> new PodEvent.PodStarted(pod(view), at);
            case "pod-exited" -> new PodEvent.PodExited(pod(view), at);
            case "pod-removed" -> new PodEvent.PodRemoved(pod(view), at);
            case "app-created" -> new PodEvent.AppCreated(pod(view), app(view), at);
            case "app-started" -> new PodEvent.AppStarted(pod(view), app(view), at);
            case "app-ready" -> new PodEvent.AppReady(pod(view), app(view), at);
            case "app-unready" -> new PodEvent.AppUnready(pod(view), app(view), at);
            case "app-exited" ->
                new PodEvent.AppExited(pod(view), app(view), at, RecordJson.exitStatus(view.required("status")));
            case "app-removed" -> new PodEvent.AppRemoved(pod(view), app(view), at);
            case "log-stalled" ->
                new PodEvent.LogStalled(
                        pod(view), app(view), at, view.required("why").string());
            case "missed" -> new PodEvent.Missed(at, view.required("count").whole(0, Long.MAX_VALUE));
            default -> throw word.failure("is no event");
        };
    }

    private static PodUuid pod(JsonView view) {
        return PodUuid.parse(view.required("pod").string());
    }

    private static AcName app(JsonView view) {
        return AcName.parse(view.required("app").string());
    }
}
