package io.aestus.api;

import static io.aestus.api.v1alpha.EventType.EVENT_TYPE_APP_EXITED;
import static io.aestus.api.v1alpha.EventType.EVENT_TYPE_APP_STARTED;
import static io.aestus.api.v1alpha.EventType.EVENT_TYPE_POD_EXITED;
import static io.aestus.api.v1alpha.EventType.EVENT_TYPE_POD_GARBAGE_COLLECTED;
import static io.aestus.api.v1alpha.EventType.EVENT_TYPE_POD_PREPARED;
import static io.aestus.api.v1alpha.EventType.EVENT_TYPE_POD_PREPARE_ABORTED;
import static io.aestus.api.v1alpha.EventType.EVENT_TYPE_POD_STARTED;
import static io.aestus.api.v1alpha.EventType.EVENT_TYPE_UNDEFINED;

import io.aestus.api.v1alpha.Event;
import io.aestus.api.v1alpha.EventType;
import io.aestus.appc.AcName;
import io.aestus.appc.PodUuid;
import io.aestus.executor.AppState;
import io.aestus.executor.AppStatus;
import io.aestus.executor.ExitStatus;
import io.aestus.executor.PodEvent;
import io.aestus.executor.PodName;
import io.aestus.executor.PodState;
import io.aestus.executor.PodStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Events of pods in the words of the API. For one thread. */
final class EventMessages {
    private final Function<PodUuid, Optional<PodStatus>> pods;

    /** Names of pods as they were last seen: one that was removed cannot be asked. */
    private final Map<PodUuid, String> names = new HashMap<>();

    /** @param pods tells a pod's status, unless it is gone */
    EventMessages(Function<PodUuid, Optional<PodStatus>> pods) {
        this.pods = pods;
    }

    /**
     * What has happened.
     *
     * @return empty for what the API has no word for
     */
    Optional<Event> of(PodEvent event) {
        return switch (event) {
            case PodEvent.PodPrepared(var pod, var at) -> Optional.of(ofPod(EVENT_TYPE_POD_PREPARED, pod, at));
            case PodEvent.PodStarted(var pod, var at) -> Optional.of(ofPod(EVENT_TYPE_POD_STARTED, pod, at));
            case PodEvent.PodExited(var pod, var at) -> Optional.of(ofPod(ending(pod), pod, at));
            case PodEvent.PodRemoved(var pod, var at) -> {
                var removed = ofPod(EVENT_TYPE_POD_GARBAGE_COLLECTED, pod, at);
                names.remove(pod);
                yield Optional.of(removed);
            }
            case PodEvent.AppStarted(var pod, var app, var at) -> Optional.of(started(pod, app, at));
            case PodEvent.AppExited(var pod, var app, var at, var status) -> Optional.of(exited(pod, app, at, status));
            case PodEvent.Missed(var at, long count) ->
                Optional.of(Event.newBuilder()
                        .setType(EVENT_TYPE_UNDEFINED)
                        .setTime(at.getEpochSecond())
                        .addData(ImageMessages.pair("missed", Long.toString(count)))
                        .build());
            case PodEvent.AppCreated _,
                    PodEvent.AppReady _,
                    PodEvent.AppUnready _,
                    PodEvent.AppRemoved _,
                    PodEvent.LogStalled _ -> Optional.empty();
        };
    }

    private EventType ending(PodUuid pod) {
        boolean isAborted = pods.apply(pod)
                .filter(status -> status.state() instanceof PodState.Aborted)
                .isPresent();
        return isAborted ? EVENT_TYPE_POD_PREPARE_ABORTED : EVENT_TYPE_POD_EXITED;
    }

    private Event ofPod(EventType type, PodUuid pod, Instant at) {
        String name = names.computeIfAbsent(pod, _ -> pods.apply(pod)
                .flatMap(status -> status.options().name())
                .map(PodName::value)
                .orElse(""));
        return event(type, pod, name, at).build();
    }

    private static Event started(PodUuid pod, AcName app, Instant at) {
        return event(EVENT_TYPE_APP_STARTED, pod, app.value(), at).build();
    }

    private static Event exited(PodUuid pod, AcName app, Instant at, ExitStatus status) {
        return event(EVENT_TYPE_APP_EXITED, pod, app.value(), at)
                .addData(ImageMessages.pair("exit_code", Integer.toString(status.code())))
                .build();
    }

    private static Event.Builder event(EventType type, PodUuid pod, String from, Instant at) {
        return Event.newBuilder()
                .setType(type)
                .setId(pod.toString())
                .setFrom(from)
                .setTime(at.getEpochSecond());
    }

    /** What can be told of a pod's past by how it is now: of each kind the last event. */
    List<Event> past(PodStatus pod) {
        var events = new ArrayList<Event>();
        PodUuid uuid = pod.uuid();
        names.put(uuid, pod.options().name().map(PodName::value).orElse(""));
        events.add(ofPod(EVENT_TYPE_POD_PREPARED, uuid, pod.created()));
        PodMessages.started(pod).ifPresent(at -> events.add(ofPod(EVENT_TYPE_POD_STARTED, uuid, at)));
        pod.apps().forEach(app -> events.addAll(past(uuid, app)));
        switch (pod.state()) {
            case PodState.Prepared _, PodState.Starting _, PodState.Running _ -> {}
            case PodState.Exited exited -> events.add(ofPod(EVENT_TYPE_POD_EXITED, uuid, exited.at()));
            case PodState.Aborted(var at, var _) -> events.add(ofPod(EVENT_TYPE_POD_PREPARE_ABORTED, uuid, at));
        }
        return events;
    }

    private static List<Event> past(PodUuid pod, AppStatus app) {
        var events = new ArrayList<Event>();
        PodMessages.started(app.state()).ifPresent(at -> events.add(started(pod, app.name(), at)));
        if (app.state() instanceof AppState.Exited exited) {
            events.add(exited(pod, app.name(), exited.at(), exited.status()));
        }
        return events;
    }
}
