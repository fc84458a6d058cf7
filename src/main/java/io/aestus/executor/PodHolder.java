package io.aestus.executor;

import io.aestus.linux.CapabilitySet;
import io.aestus.linux.ChildProgram;
import io.aestus.linux.Fd;
import io.aestus.linux.FirstProcess;
import io.aestus.linux.KeeperSocket;
import io.aestus.linux.SeccompAction;
import io.aestus.linux.SeccompFilter;
import io.aestus.linux.SeccompPolicy;
import io.aestus.linux.SyscallAbi;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/** The program of a pod's first process, and how a child becomes it: whatever the pod shares, it holds. */
final class PodHolder {
    /** The standard streams, which lead nowhere since a pod outlives its maker, and both ends of the keeper socket. */
    private static final int DESCRIPTORS = 5;

    /** Where it has who listens in the pod's network, if anybody does. */
    static final int LISTENER = DESCRIPTORS;

    /** Compiled when the first pod starts: reading the table of calls takes longer than commands that start none. */
    private static final class Filter {
        /** All that {@link FirstProcess} ever calls, and what becomes of it at its start. */
        static final SeccompFilter OF_FIRST_PROCESS = SeccompFilter.compile(
                SeccompPolicy.retain(List.of("prctl", "ppoll", "execveat"), SeccompAction.KILL_PROCESS),
                SyscallAbi.ofHost());

        private Filter() {}
    }

    private final Fd program;
    private final Fd nothing;

    private PodHolder(Fd program, Fd nothing) {
        this.program = program;
        this.nothing = nothing;
    }

    static PodHolder open() throws IOException {
        try (Fd image = FirstProcess.image();
                Fd nowhere = Fd.openForWriting(Path.of("/dev/null"))) {
            // numbered clear of what the child assigns before it executes this
            return new PodHolder(image.duplicate(), nowhere.duplicate());
        }
    }

    /**
     * Adds the last steps of a child that is in the pod's namespaces: it gives up all power and does nothing for ever.
     *
     * @param listenAt a port of 127.0.0.1 at which it shall listen, without ever answering
     */
    void become(ChildProgram child, KeeperSocket keeper, OptionalInt listenAt) {
        child.startSession();
        child.ignoreChildren();
        child.rights().setCapabilities(CapabilitySet.NONE, CapabilitySet.NONE);
        child.rights().setNoNewPrivileges(); // so the bounding set does not matter
        child.unblockSignals();
        child.assign(List.of(nothing, nothing, nothing, keeper.writer(), keeper.reader()), 0);
        int used = DESCRIPTORS;
        if (listenAt.isPresent()) {
            child.network().listen(listenAt.getAsInt(), Receptions.BACKLOG, LISTENER);
            used++;
        }
        child.closeOnExecFrom(used);
        child.rights().filterSyscalls(Filter.OF_FIRST_PROCESS);
        child.execute(program, List.of("aestus-pod"), List.of());
    }
}
