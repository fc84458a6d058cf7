package io.aestus.executor;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What all pods of an executor share. */
record Engine(
        ExecutorConfig config,
        PodFiles files,
        OwnerSockets ownerSockets,
        Stage1s stage1s,
        Workers workers,
        Readiness readiness,
        Exits exits,
        LogPump logs,
        Events events,
        SessionNames sessionNames,
        Optional<Receptions> receptions) {

    static Engine open(ExecutorConfig config, Stage1s stage1s) throws IOException {
        try (var undo = new Cleanup()) {
            var readiness = undo.owns(Readiness.open("aestus-exits"));
            var workers = undo.owns(Workers.open());
            var files = new PodFiles(config.directory());
            var engine = new Engine(
                    config,
                    files,
                    new OwnerSockets(config.directory(), files),
                    stage1s,
                    workers,
                    readiness,
                    new Exits(readiness, workers, keeper(config)),
                    LogPump.open(config.clock()),
                    new Events(config.clock(), new EventJournal(config.directory())),
                    new SessionNames(),
                    config.metadata().map(service -> new Receptions(service, readiness)));
            undo.handOver();
            return engine;
        }
    }

    private static Optional<ExitKeeper> keeper(ExecutorConfig config) {
        return switch (config.exits()) {
            case KERNEL -> Optional.empty();
            case KEEPER -> Optional.of(new ExitKeeper(config.directory()));
        };
    }

    /** Writes what is newly known of an app, and tells if it is ready now or is no more. */
    void write(OwnedPod pod, AppRecord app) throws IOException {
        boolean before = pod.status().requireApp(app.name()).isReady();
        pod.write(app);
        boolean now = pod.status().requireApp(app.name()).isReady();
        if (now != before) {
            events.publish(
                    now
                            ? new PodEvent.AppReady(pod.uuid(), app.name(), now())
                            : new PodEvent.AppUnready(pod.uuid(), app.name(), now()));
        }
    }

    Instant now() {
        return config.clock().instant();
    }

    Duration patience() {
        return config.patience();
    }

    /** No exit is seen from here on; those that were are recorded on return. */
    void beginClosing() {
        readiness.close();
        workers.close();
    }

    void close() {
        logs.close();
        events.close();
    }
}
