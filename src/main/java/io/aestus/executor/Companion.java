package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AcName;
import io.aestus.linux.PidFd;
import java.io.IOException;
import java.util.Optional;

/**
 * The app among whose processes another one is started, if that is wanted.
 *
 * @param process its own. Owned
 */
record Companion(Optional<PidFd> process) implements AutoCloseable {
    /** @throws AestusException {@link Problem#CONFLICT} if the one that is wanted does not run */
    static Companion of(OwnedPod pod, AppRecord app) throws IOException {
        if (app.options().processesOf().isEmpty()) {
            return new Companion(Optional.empty());
        }
        AcName other = app.options().processesOf().get();
        Optional<OwnedApp.Run> run = pod.run(other);
        Optional<PidFd> process = run.isPresent() ? run.get().duplicate() : Optional.empty();
        if (process.isEmpty()) {
            throw new AestusException(
                    Problem.CONFLICT,
                    "cannot start app " + app.name() + " among the processes of app " + other + ": that does not run");
        }
        return new Companion(process);
    }

    @Override
    public void close() {
        process.ifPresent(PidFd::close);
    }
}
