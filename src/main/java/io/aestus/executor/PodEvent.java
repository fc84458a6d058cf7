package io.aestus.executor;

import io.aestus.appc.AcName;
import io.aestus.appc.PodUuid;
import java.time.Instant;

/** Something that happened to a pod that this process looks after. */
public sealed interface PodEvent {
    Instant at();

    /** One word for people and programs, such as {@code app-exited}. */
    default String word() {
        return switch (this) {
            case PodPrepared _ -> "pod-prepared";
            case PodStarted _ -> "pod-started";
            case PodExited _ -> "pod-exited";
            case PodRemoved _ -> "pod-removed";
            case AppCreated _ -> "app-created";
            case AppStarted _ -> "app-started";
            case AppReady _ -> "app-ready";
            case AppUnready _ -> "app-unready";
            case AppExited _ -> "app-exited";
            case AppRemoved _ -> "app-removed";
            case LogStalled _ -> "log-stalled";
            case Missed _ -> "missed";
        };
    }

    /** An event of one pod. */
    sealed interface OfPod extends PodEvent {
        PodUuid pod();
    }

    record PodPrepared(PodUuid pod, Instant at) implements OfPod {}

    record PodStarted(PodUuid pod, Instant at) implements OfPod {}

    /** Nothing of it runs any more; its start failed if it never ran. */
    record PodExited(PodUuid pod, Instant at) implements OfPod {}

    record PodRemoved(PodUuid pod, Instant at) implements OfPod {}

    record AppCreated(PodUuid pod, AcName app, Instant at) implements OfPod {}

    record AppStarted(PodUuid pod, AcName app, Instant at) implements OfPod {}

    /** It told that it is ready, or its probe succeeds; apps that have neither are so from their start, without an event. */
    record AppReady(PodUuid pod, AcName app, Instant at) implements OfPod {}

    /** It runs on, but told that it is not ready any more, or its probe fails. */
    record AppUnready(PodUuid pod, AcName app, Instant at) implements OfPod {}

    record AppExited(PodUuid pod, AcName app, Instant at, ExitStatus status) implements OfPod {}

    record AppRemoved(PodUuid pod, AcName app, Instant at) implements OfPod {}

    /** Its log cannot be written, so the app will block when its pipe is full. Tried again until it works. */
    record LogStalled(PodUuid pod, AcName app, Instant at, String why) implements OfPod {}

    /** The listener was too slow, and {@code count} events before this one are lost to it: list the pods anew. */
    record Missed(Instant at, long count) implements PodEvent {}
}
