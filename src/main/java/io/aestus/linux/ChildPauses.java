package io.aestus.linux;

import java.lang.foreign.SegmentAllocator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a child stands still amid its steps until we have done something that it must not go on without: the steps of a {@link
 * ChildProgram} that wait. What is done may look at the child as it is by then, by its number.
 */
public final class ChildPauses implements AutoCloseable {
    private final SyscallProgram program;
    private final SegmentAllocator memory;
    private final List<Pause> all = new ArrayList<>();

    ChildPauses(SyscallProgram program, SegmentAllocator memory) {
        this.program = program;
        this.memory = memory;
    }

    /** One of them. */
    record Pause(Handshake handshake, LaunchOptions.Preparation work, Duration limit) {}

    /**
     * Has the child wait here until {@code work} is done, which is given its number. If that throws, the child is killed and the
     * launch fails with what was thrown.
     *
     * @param limit by which the launch may take longer
     */
    public void add(LaunchOptions.Preparation work, Duration limit) throws SyscallException {
        var pause = new Pause(Handshake.open(memory, limit), work, limit);
        all.add(pause);
        program.add(pause.handshake.steps(program));
    }

    /**
     * The same for later, when no other descriptor of ours is left.
     *
     * @param number of the descriptor that the child waits with, which is to stay
     */
    public Later later(LaunchOptions.Preparation work, Duration limit, int number) throws SyscallException {
        var pause = new Pause(Handshake.open(memory, limit), work, limit);
        all.add(pause);
        program.add(pause.handshake.keep(program, number));
        return () -> program.add(pause.handshake.stepsByKept(program));
    }

    /** A wait whose time has yet to come: none may be added before it that comes after it. */
    @FunctionalInterface
    public interface Later {
        /** Has the child wait here. */
        void add();
    }

    List<Pause> all() {
        return all;
    }

    @Override
    public void close() {
        all.forEach(pause -> pause.handshake.close());
    }
}
