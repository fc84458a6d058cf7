package io.aestus.executor;

import io.aestus.appc.PodUuid;
import io.aestus.linux.FileLock;
import java.util.List;

/**
 * A pod that was made ahead of whoever asks for one.
 *
 * @param mark tells other processes that its maker lives
 * @param networks that it is attached to; none for a pod that is alone
 * @param since when it was ready, as of {@link System#nanoTime}
 */
record SparePod(PodShell shell, FileLock mark, List<String> networks, long since) implements SpareStock.Kept {
    SparePod {
        networks = List.copyOf(networks);
    }

    PodUuid uuid() {
        return shell.uuid();
    }
}
