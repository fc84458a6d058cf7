package io.aestus.executor;

import io.aestus.linux.Epoll;
import io.aestus.linux.Errno;
import io.aestus.linux.Fd;
import io.aestus.linux.LoopbackListener;
import io.aestus.linux.Pipe;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;

/**
 * One of our ends of a process's streams, or of a connection, for threads of any kind: a read or write that would block waits for the thread that
 * watches all descriptors, and closing wakes whoever waits.
 */
final class ProcessStreams {
    private ProcessStreams() {}

    /** A stream over the read end of a pipe, or the master of a terminal; takes it. */
    static InputStream input(Readiness readiness, Fd end) throws SyscallException {
        return new Input(new End(readiness, end));
    }

    /** A stream over the write end of a pipe, or the master of a terminal; takes it. */
    static OutputStream output(Readiness readiness, Fd end) throws SyscallException {
        return new Output(new End(readiness, end));
    }

    /** Both directions of a connection, for one thread at a time. Closing the output ends it; closing this ends all. */
    record Connection(InputStream in, OutputStream out, End end) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            end.close();
        }
    }

    /** Over a connection; takes it. */
    static Connection connection(Readiness readiness, Fd socket) throws SyscallException {
        var end = new End(readiness, socket);
        var out = new Output(end) {
            @Override
            public void close() throws IOException {
                end.endOutput();
            }
        };
        return new Connection(new Input(end), out, end);
    }

    /** A descriptor that does not block. No descriptor is closed while a call on it goes on. */
    static final class End {
        private final Readiness readiness;
        private final Fd fd;
        private CompletableFuture<Void> turn = CompletableFuture.completedFuture(null);
        private Readiness.Wait waiting = () -> {};
        private boolean closed;

        End(Readiness readiness, Fd fd) throws SyscallException {
            this.readiness = readiness;
            this.fd = fd;
            Pipe.setNonBlocking(fd);
        }

        /** A call that does not wait. */
        @FunctionalInterface
        interface Call {
            int on(Fd fd) throws SyscallException;
        }

        /** Makes the call as soon as it need not wait. @return −1 when closed */
        int await(int events, Call call) throws IOException {
            while (true) {
                CompletableFuture<Void> ready;
                synchronized (this) {
                    if (closed) {
                        return -1;
                    }
                    try {
                        return call.on(fd);
                    } catch (SyscallException e) {
                        if (e.errno() != Errno.EAGAIN) {
                            throw e;
                        }
                    }
                    ready = new CompletableFuture<>();
                    turn = ready;
                    waiting = readiness.when(fd, events, () -> ready.complete(null));
                }
                ready.join();
            }
        }

        synchronized void endOutput() throws IOException {
            if (!closed) {
                LoopbackListener.endOutput(fd);
            }
        }

        synchronized void close() throws IOException {
            if (!closed) {
                closed = true;
                waiting.close();
                turn.complete(null);
                fd.close();
            }
        }
    }

    private static final class Input extends InputStream {
        private final End end;

        Input(End end) {
            this.end = end;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            try {
                return end.await(Epoll.IN, fd -> fd.read(into, offset, length));
            } catch (SyscallException e) {
                if (e.errno() == Errno.EIO) { // a terminal that nobody has open any more
                    return -1;
                }
                throw e;
            }
        }

        @Override
        public void close() throws IOException {
            end.close();
        }
    }

    private static class Output extends OutputStream {
        private final End end;

        Output(End end) {
            this.end = end;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            for (int done = 0; done < length; ) {
                int from = offset + done;
                int left = length - done;
                int count = end.await(Epoll.OUT, fd -> fd.write(bytes, from, left));
                if (count < 0) {
                    throw new IOException("cannot write to a process: the stream is closed");
                }
                done += count;
            }
        }

        @Override
        public void close() throws IOException {
            end.close();
        }
    }
}
