package io.aestus.executor;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** The log of an app: lines in the format of the CRI, in a file that rotates. */
public interface AppLog {
    /** The current file, absolute. */
    Path path();

    /** Opens the log for reading, rotated files included. */
    Reader read(LogQuery query);

    /**
     * Has the lines from now on go to a new file at the same path, after somebody renamed the old one. On return nothing is
     * written to the old one any more.
     */
    void reopen();

    /** Hands out lines in order. For one thread; blocks. */
    interface Reader extends AutoCloseable {
        /**
         * The next line. When following, waits for one.
         *
         * @return empty when there is none within {@code limit}; {@link #atEnd} tells whether there will be
         */
        Optional<LogLine> next(Duration limit) throws InterruptedException;

        /** Whether no further line will come. */
        boolean atEnd();

        @Override
        void close();
    }
}
