package io.aestus.executor;

import io.aestus.appc.PodUuid;
import io.aestus.linux.Fd;
import io.aestus.linux.FileLock;
import java.util.List;
import java.util.Optional;

/** What was made ahead of whoever asks for a pod. */
sealed interface Spare extends SpareStock.Kept {
    /** What its pod will be called. */
    PodUuid uuid();

    /** Tells other processes that its maker lives. */
    FileLock mark();

    /**
     * A whole pod.
     *
     * @param extent whether it has a network of its own
     * @param networks that it is attached to; none for a pod that is alone
     * @param first what its first app will be, if that is ready too
     * @param since when it was ready, as of {@link System#nanoTime}
     */
    record Pod(
            SpareKind.Extent extent,
            PodShell shell,
            FileLock mark,
            List<String> networks,
            Optional<AppOutline> first,
            long since)
            implements Spare {
        public Pod {
            networks = List.copyOf(networks);
        }

        @Override
        public PodUuid uuid() {
            return shell.uuid();
        }

        @Override
        public SpareKind kind() {
            return new SpareKind(extent, networks, first);
        }
    }

    /**
     * The network namespace of a pod that is to have the users of the host.
     *
     * @param networks that it is attached to
     * @param since when it was ready, as of {@link System#nanoTime}
     */
    record Network(PodUuid uuid, Fd namespace, FileLock mark, List<String> networks, long since) implements Spare {
        public Network {
            networks = List.copyOf(networks);
        }

        @Override
        public SpareKind kind() {
            return new SpareKind(SpareKind.Extent.NETWORK, networks);
        }
    }
}
