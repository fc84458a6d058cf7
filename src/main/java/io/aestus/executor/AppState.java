package io.aestus.executor;

import java.time.Instant;

/** Where an app is in its life: created, running, exited; in a pod that stays, running again. */
public sealed interface AppState {
    /** On disk; never ran. */
    record Created() implements AppState {}

    /**
     * Its process lives.
     *
     * @param pid as the host counts
     */
    record Running(Instant since, long pid) implements AppState {}

    /**
     * It ended, or did not start.
     *
     * @param since when it was started; when it was asked to, if it did not start
     */
    record Exited(Instant since, Instant at, ExitStatus status) implements AppState {}
}
