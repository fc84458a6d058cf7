package io.aestus.cri.streaming;

import io.aestus.executor.AppProcess;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** What a URL stands for. */
sealed interface Offer {
    /** The first part of the URL's path. */
    String kind();

    /**
     * The streams of a process.
     *
     * @param process starts it, or attaches to it, when the client is there
     */
    record Command(Way way, StreamSet streams, Supplier<AppProcess> process) implements Offer {
        @Override
        public String kind() {
            return way.name().toLowerCase(Locale.ROOT);
        }
    }

    /** Whose streams they are. */
    enum Way {
        /** A process started for this client: it ends with the session, and its code is told. */
        EXEC,
        /** A process that goes on without us. */
        ATTACH
    }

    /**
     * Connections into a pod.
     *
     * @param ports for clients that do not name them when they connect
     */
    record Forward(List<Integer> ports, Dialer dialer) implements Offer {
        public Forward {
            ports = List.copyOf(ports);
        }

        @Override
        public String kind() {
            return "portforward";
        }
    }
}
