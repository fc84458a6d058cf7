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
        Optional<Receptions> receptions) {

    static Engine open(ExecutorConfig config, Stage1s stage1s) throws IOException {
        var workers = new Workers();
        var readiness = Readiness.open("aestus-exits");
        try {
            var files = new PodFiles(config.directory());
            return new Engine(
                    config,
                    files,
                    new OwnerSockets(config.directory(), files),
                    stage1s,
                    workers,
                    readiness,
                    new Exits(readiness, workers, keeper(config)),
                    LogPump.open(config.clock()),
                    new Events(config.clock(), new EventJournal(config.directory())),
                    config.metadata().map(service -> new Receptions(service, readiness)));
        } catch (IOException e) {
            readiness.close();
            throw e;
        }
    }

    private static Optional<ExitKeeper> keeper(ExecutorConfig config) {
        return switch (config.exits()) {
            case KERNEL -> Optional.empty();
            case KEEPER -> Optional.of(new ExitKeeper(config.directory()));
        };
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
