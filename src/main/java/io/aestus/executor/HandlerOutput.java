package io.aestus.executor;

import io.aestus.linux.Fd;
import java.io.IOException;
import java.nio.file.Path;

/** Where the event handlers of an app write. */
@FunctionalInterface
interface HandlerOutput {
    Path NULL_DEVICE = Path.of("/dev/null");

    /** Where nobody reads it. */
    HandlerOutput NOWHERE = () -> {
        Fd nothing = nullDevice();
        return new Opened(new Stage1.Streams.Pipes(nothing, nothing, nothing), nothing::close);
    };

    /** Opens the streams of one handler. */
    Opened open() throws IOException;

    /**
     * The streams of one handler, whose input is empty. Closing them, when it has ended with all it started, waits until what it
     * wrote is in the log.
     */
    record Opened(Stage1.Streams.Pipes streams, Closing closing) implements AutoCloseable {
        @Override
        public void close() {
            closing.close();
        }
    }

    /** What is done when a handler has ended. */
    @FunctionalInterface
    interface Closing {
        void close();
    }

    /** The host's null device, to read from and to write to. */
    static Fd nullDevice() throws IOException {
        return Fd.openForUpdating(NULL_DEVICE);
    }
}
