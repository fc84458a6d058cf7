package io.aestus.executor;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/**
 * How one process uses the pods of one data directory.
 *
 * @param directory the data directory, {@code --dir}
 * @param adoption what this process does about running pods that nobody looks after
 * @param logs when the logs of apps rotate; logs with a path of their own are rotated by who chose it
 * @param patience how long one operation waits for another one on the same pod or app
 * @param restarts how long an app waits before it is started again by its policy
 * @param clock what time it is
 * @param metadata answers the apps of the pods that this process looks after; empty where nobody does
 * @param exits who remembers how apps ended while nobody looked after them: the same for all processes
 */
public record ExecutorConfig(
        Path directory,
        Adoption adoption,
        LogRotation logs,
        Duration patience,
        Backoff restarts,
        Clock clock,
        Optional<MetadataService> metadata,
        ExitMemory exits) {

    /** What a process does about running pods whose owner is gone. */
    public enum Adoption {
        /** Takes them at once, and keeps looking for more: the agent. */
        ALL,
        /** Takes one when an operation needs it: a command of the CLI. */
        ON_DEMAND
    }

    /** The configuration of a command: adopts on demand, rotates logs at 10 MiB keeping 5. */
    public static ExecutorConfig of(Path directory) {
        return new ExecutorConfig(
                directory,
                Adoption.ON_DEMAND,
                LogRotation.DEFAULT,
                Duration.ofSeconds(30),
                Backoff.RESTARTS,
                Clock.systemUTC(),
                Optional.empty(),
                ExitMemory.ofHost());
    }

    public ExecutorConfig withAdoption(Adoption newAdoption) {
        return new ExecutorConfig(directory, newAdoption, logs, patience, restarts, clock, metadata, exits);
    }

    public ExecutorConfig withLogs(LogRotation newLogs) {
        return new ExecutorConfig(directory, adoption, newLogs, patience, restarts, clock, metadata, exits);
    }

    public ExecutorConfig withPatience(Duration newPatience) {
        return new ExecutorConfig(directory, adoption, logs, newPatience, restarts, clock, metadata, exits);
    }

    public ExecutorConfig withRestarts(Backoff newRestarts) {
        return new ExecutorConfig(directory, adoption, logs, patience, newRestarts, clock, metadata, exits);
    }

    public ExecutorConfig withClock(Clock newClock) {
        return new ExecutorConfig(directory, adoption, logs, patience, restarts, newClock, metadata, exits);
    }

    public ExecutorConfig withMetadata(MetadataService service) {
        return new ExecutorConfig(directory, adoption, logs, patience, restarts, clock, Optional.of(service), exits);
    }

    public ExecutorConfig withExits(ExitMemory newExits) {
        return new ExecutorConfig(directory, adoption, logs, patience, restarts, clock, metadata, newExits);
    }
}
