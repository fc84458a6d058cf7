package io.aestus.executor;

import java.io.IOException;
import java.io.OutputStream;

/** What an attachment shows of an app's output. */
interface Feed extends AutoCloseable {
    /** Copies until the output ends, or this is closed by another thread. */
    void copyTo(OutputStream stdout, OutputStream stderr) throws IOException, InterruptedException;

    @Override
    void close();
}
