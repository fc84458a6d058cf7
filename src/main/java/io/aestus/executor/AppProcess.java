package io.aestus.executor;

import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;

/**
 * The streams and the end of a process: one that was started by {@link Executor#exec}, or an app's own as seen by {@link
 * Executor#attach}. Reading and writing block; each stream may have a thread of its own, and closing the process wakes
 * them all.
 */
public interface AppProcess extends AutoCloseable {
    /** What it reads. Closing it gives it the end of its input, if it can have one. */
    OutputStream stdin();

    /** What it writes; with a terminal everything. */
    InputStream stdout();

    /** What it writes to its standard error; at its end from the start when it has a terminal. */
    InputStream stderr();

    /** Tells its terminal how large the user's is; without a terminal nothing happens. */
    void resize(int columns, int rows);

    /** Sends it a signal; nothing happens when it has ended. */
    void signal(int number);

    /**
     * Waits until it has ended. Its output may still be open then: something that it left behind can hold it.
     *
     * @return empty if it goes on after {@code limit}
     */
    Optional<ExitStatus> waitFor(Duration limit) throws InterruptedException;

    /**
     * Lets go of the streams. A process started by exec that still runs is killed with all that it started; what one left
     * that has ended goes on, as an app does.
     */
    @Override
    void close();
}
