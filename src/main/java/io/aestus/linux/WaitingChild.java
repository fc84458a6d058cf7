package io.aestus.linux;

import java.io.IOException;
import java.util.function.Consumer;

/**
 * A child that has taken its first steps and stands still until somebody knows the rest of them. It shares our memory meanwhile,
 * and nobody else may be where it could be looked at: that is for who made it to see to. It dies with us. Confined to one thread
 * at a time.
 */
public final class WaitingChild implements AutoCloseable {
    private final ChildProgram program;
    private final Launch launch;
    private final Consumer<SyscallProgram> lastChange;
    private boolean isWaiting = true;
    private boolean isGoing;

    WaitingChild(ChildProgram program, Launch launch, Consumer<SyscallProgram> lastChange) {
        this.program = program;
        this.launch = launch;
        this.lastChange = lastChange;
    }

    /** To which the rest of its steps is added: descriptors that they need are sent to it. */
    public ChildProgram program() {
        return program;
    }

    /** Whether it still waits, and nobody killed it. */
    public boolean isThere() throws SyscallException {
        return isWaiting && launch.isStanding();
    }

    /** Has it go on. */
    public void goOn() throws IOException {
        if (!isWaiting) {
            throw new IllegalStateException("it was told to go on before");
        }
        lastChange.accept(program.program());
        launch.goOn();
        isWaiting = false;
        isGoing = true;
    }

    /**
     * Waits until one that goes on has executed its program. Descriptors that were lent to its program need not be open any more.
     *
     * @throws LaunchException if it has not: nothing of it is left then
     */
    public ChildProcess await() throws IOException {
        isGoing = false;
        try {
            return launch.await();
        } finally {
            ProcessLauncher.requireNotDumpable();
        }
    }

    /** Ends it, unless somebody was told that it has executed its program. */
    @Override
    public void close() throws IOException {
        try (program;
                launch) {
            if (isWaiting) {
                isWaiting = false;
                launch.giveUp();
            } else if (isGoing) {
                end();
            }
        }
    }

    private void end() throws IOException {
        try (ChildProcess process = await()) {
            process.pidfd().signal(Signal.SIGKILL);
            process.pidfd().reap();
        } catch (LaunchException _) {
            isGoing = false; // nothing of it is left
        }
    }
}
