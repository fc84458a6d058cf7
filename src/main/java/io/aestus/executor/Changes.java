package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.PodUuid;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Has pods changed, whoever owns them: by this process where it is the owner or can become it, else by the owner, which is
 * asked. An owner that is gone, or on its way out, is waited for: it lets go of its pods, and this process is the next.
 */
final class Changes {
    private static final long BETWEEN_TRIES_MILLIS = 20;

    /** How long an owner is asked before what can be done without it is done. */
    private static final Duration SILENCE = Duration.ofSeconds(2);

    private final Engine engine;
    private final PodTable table;
    private final ForeignPods foreign;

    Changes(Engine engine, PodTable table, ForeignPods foreign) {
        this.engine = engine;
        this.table = table;
        this.foreign = foreign;
    }

    /** @throws AestusException {@link Problem#CONFLICT} when another process owns the pod and does not answer */
    void make(PodUuid pod, Change change) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        while (!isMade(pod, change)) {
            long waited = System.nanoTime() - begin;
            if (waited > SILENCE.toNanos() && change.without(foreign, pod)) {
                return;
            }
            if (waited > engine.patience().toNanos()) {
                throw new AestusException(
                        Problem.CONFLICT,
                        "cannot " + change.what(pod) + ": another process looks after the pod and does not answer");
            }
            TimeUnit.MILLISECONDS.sleep(BETWEEN_TRIES_MILLIS);
        }
    }

    private boolean isMade(PodUuid pod, Change change) throws IOException, InterruptedException {
        try (var lease = table.tryLease(pod).orElse(null)) {
            if (lease != null) {
                change.on(table.pods(), lease.pod());
                return true;
            }
        }
        var owner = OwnerCall.to(engine.ownerSockets(), pod);
        return owner.isPresent() && owner.get().asks(change);
    }
}
