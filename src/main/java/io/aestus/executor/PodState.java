package io.aestus.executor;

import io.aestus.appc.AcName;
import java.time.Instant;
import java.util.Map;

/** Where a pod is in its life: prepared, starting, running, exited; or aborted on the way. */
public sealed interface PodState {
    /** One word for people, rkt's where it had one. */
    String word();

    /** On disk; nothing runs. */
    record Prepared(Instant at) implements PodState {
        @Override
        public String word() {
            return "prepared";
        }
    }

    /** Its first process is being made. A pod whose maker died here is undone: it becomes aborted. */
    record Starting(Instant at) implements PodState {
        @Override
        public String word() {
            return "preparing";
        }
    }

    /**
     * Its first process lives.
     *
     * @param pid of the first process, as the host counts
     */
    record Running(Instant since, long pid) implements PodState {
        @Override
        public String word() {
            return "running";
        }
    }

    /**
     * Nothing of it runs any more.
     *
     * @param exits how each app ended that ever ran
     */
    record Exited(Instant at, Map<AcName, ExitStatus> exits) implements PodState {
        public Exited {
            exits = Map.copyOf(exits);
        }

        @Override
        public String word() {
            return "exited";
        }

        /** The code that stands for the pod: of the first that failed in the order of names, else 0. */
        public int code() {
            return exits.entrySet().stream()
                    .filter(exit -> !exit.getValue().isSuccess())
                    .min(Map.Entry.comparingByKey())
                    .map(exit -> exit.getValue().code())
                    .orElse(0);
        }
    }

    /**
     * Its start failed, and what had been made was undone.
     *
     * @param why one line for the user
     */
    record Aborted(Instant at, String why) implements PodState {
        @Override
        public String word() {
            return "aborted";
        }
    }
}
