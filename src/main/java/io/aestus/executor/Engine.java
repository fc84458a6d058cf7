package io.aestus.executor;

import java.time.Duration;
import java.time.Instant;

/** What all pods of an executor share. */
record Engine(
        ExecutorConfig config,
        PodFiles files,
        Stage1 stage1,
        Workers workers,
        Readiness readiness,
        Exits exits,
        LogPump logs,
        Events events) {

    Instant now() {
        return config.clock().instant();
    }

    Duration patience() {
        return config.patience();
    }
}
