package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.appc.PodUuid;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Starts pods again that were lost under their apps, with the host or because their first process was killed, where the restart
 * policies of the apps ask for it. Only an agent does; and pods that stay until they are stopped are their makers' to look
 * after.
 */
final class Revival {
    private static final System.Logger LOG = System.getLogger("io.aestus.executor");

    private final Engine engine;
    private final PodTable table;

    /** Pods of which nothing waits for a start. */
    private final Set<PodUuid> over = new HashSet<>();

    Revival(Engine engine, PodTable table) {
        this.engine = engine;
        this.table = table;
    }

    /** Looks at every pod that has ended, and starts those whose time has come. For one thread. */
    void look() throws IOException, InterruptedException {
        List<PodUuid> pods =
                engine.files().list(pod -> over.contains(pod) || table.peek(pod).isPresent());
        over.retainAll(pods);
        for (PodUuid uuid : pods) {
            try {
                if (!over.contains(uuid) && table.peek(uuid).isEmpty() && isDue(uuid)) {
                    revive(uuid);
                }
            } catch (IOException | RuntimeException e) {
                LOG.log(Level.WARNING, "cannot start pod " + uuid + " again", e);
            }
        }
    }

    private boolean isDue(PodUuid uuid) throws IOException {
        var found = engine.files().find(uuid);
        if (found.isEmpty() || !(found.get().state() instanceof PodState.Exited)) {
            return false;
        }
        var waiting = engine.files().apps(found.get()).stream()
                .flatMap(app -> app.restarts().due().stream())
                .toList();
        if (waiting.isEmpty() || found.get().options().life() == PodOptions.Life.UNTIL_STOPPED) {
            over.add(uuid);
        }
        return !over.contains(uuid) && waiting.stream().anyMatch(due -> !due.isAfter(engine.now()));
    }

    private void revive(PodUuid uuid) throws IOException, InterruptedException {
        try (var lease = table.tryLease(uuid).orElse(null)) {
            if (lease != null) {
                table.pods().revive(lease.pod());
                LOG.log(Level.INFO, "pod {0} was lost and is started again", uuid);
            }
        } catch (AestusException e) {
            LOG.log(Level.WARNING, "cannot start pod {0} again: {1}", uuid, e.message());
        }
    }
}
