package io.aestus.linux;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One run of a program that is asked something, such as a plugin or a hook: a text in, a text out, within a time. It reads from
 * a file in memory, and the caller's thread takes what it writes while it waits for its end: nobody can wait for anybody else.
 */
public final class ProgramRun {
    public static final int MOST_OUTPUT = 1 << 20;
    private static final int MOST_COMPLAINT = 16 << 10;

    /** How soon an interrupt is noticed. */
    private static final long GLANCE_NANOS = Duration.ofMillis(200).toNanos();

    private static final int END = 2;

    private final String program;
    private final ChildProcess process;
    private final Stream text;
    private final Stream complaint;
    private @Nullable ProcessExit exit;

    private ProgramRun(String program, ChildProcess process, Fd output, Fd errors) {
        this.program = program;
        this.process = process;
        this.text = new Stream(output, MOST_OUTPUT);
        this.complaint = new Stream(errors, MOST_COMPLAINT);
    }

    /** How the program comes to be. */
    @FunctionalInterface
    public interface Start {
        /**
         * Launches it.
         *
         * @param streams what it has as descriptors 0, 1 and 2. Lent
         */
        ChildProcess launch(List<Fd> streams) throws IOException;
    }

    /** What a program left. */
    public static final class Output {
        private final int code;
        private final byte[] text;
        private final String complaint;

        private Output(int code, byte[] text, String complaint) {
            this.code = code;
            this.text = text;
            this.complaint = complaint;
        }

        public int code() {
            return code;
        }

        public byte[] text() {
            return text.clone();
        }

        public String asText() {
            return new String(text, StandardCharsets.UTF_8);
        }

        public boolean isSilent() {
            return asText().isBlank();
        }

        /** The beginning of what it wrote to standard error. */
        public String complaint() {
            return complaint;
        }
    }

    /**
     * Runs a program to its end. It and its children are killed when it takes longer than {@code limit}.
     *
     * @param program what it is called in messages
     * @throws AestusException {@link Problem#UNAVAILABLE} when it cannot be run, takes too long, says too much, or we are
     *     interrupted
     */
    public static Output run(String program, byte[] input, Duration limit, Start start) {
        try (Fd content = Memfd.sealed("aestus-question", input);
                Fd question = content.reopenForReading(); // from its beginning, and for reading alone
                Pipe output = Pipe.open();
                Pipe errors = Pipe.open();
                ChildProcess process = start.launch(List.of(question, output.writer(), errors.writer()))) {
            output.writer().close();
            errors.writer().close();
            var run = new ProgramRun(program, process, output.reader(), errors.reader());
            try {
                return run.await(limit);
            } finally {
                run.kill();
            }
        } catch (IOException e) {
            throw new AestusException(Problem.UNAVAILABLE, "cannot run " + program + ": " + e.getMessage(), e);
        }
    }

    /**
     * Adds the steps that execute a program of the host: in a process group of its own, so that whoever interrupts us at a
     * terminal does not interrupt it half-way.
     *
     * @param directory in which it finds itself
     * @param arguments the first of which is its name
     * @param environment {@code NAME=value}
     */
    public static void addTo(
            ChildProgram child,
            List<Fd> streams,
            String directory,
            String program,
            List<String> arguments,
            List<String> environment) {
        child.startGroup();
        child.unblockSignals();
        child.changeDirectory(directory);
        child.assign(streams, 0);
        child.closeOnExecFrom(streams.size());
        child.execute(List.of(program), arguments, environment);
    }

    private Output await(Duration limit) throws IOException {
        ProcessExit end = listen(limit);
        if (text.isTooLong) {
            throw failed("it wrote more than " + MOST_OUTPUT + " bytes");
        }
        return new Output(end.shellCode(), text.kept.toByteArray(), complaint.kept.toString(StandardCharsets.UTF_8));
    }

    private ProcessExit listen(Duration limit) throws IOException {
        long deadline = System.nanoTime() + limit.toNanos();
        try (Epoll epoll = Epoll.open()) {
            epoll.add(text.from, Epoll.IN, 0);
            epoll.add(complaint.from, Epoll.IN, 1);
            epoll.add(process.pidfd().fd(), Epoll.IN, END);
            while (exit == null) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    throw failed("it did not end within " + limit.toMillis() + " ms");
                }
                if (Thread.currentThread().isInterrupted()) {
                    throw failed("interrupted");
                }
                take(epoll, Duration.ofNanos(Math.min(left, GLANCE_NANOS)));
            }
            boolean isMore = true;
            while (isMore && !text.isTooLong && System.nanoTime() < deadline) {
                isMore = take(epoll, Duration.ZERO);
            }
            return Objects.requireNonNull(exit);
        }
    }

    /**
     * Takes what there is. Once the program has ended all that it wrote is there. For the end of its streams nobody waits then: its
     * children may hold them, and any process that is just being launched has them until it executes its own program.
     *
     * @return whether there was anything
     */
    private boolean take(Epoll epoll, Duration patience) throws IOException {
        List<Epoll.Ready> all = epoll.await(patience);
        for (var ready : all) {
            if (ready.token() == END) {
                epoll.remove(process.pidfd().fd());
                exit = process.pidfd().reap();
            } else {
                Stream stream = ready.token() == 0 ? text : complaint;
                if (!stream.take()) {
                    epoll.remove(stream.from);
                }
            }
        }
        return !all.isEmpty();
    }

    private AestusException failed(String why) {
        return new AestusException(Problem.UNAVAILABLE, "cannot run " + program + ": " + why);
    }

    /** One that has ended is left alone. */
    private void kill() throws IOException {
        if (exit == null) {
            ProcessHandle.of(process.pid())
                    .ifPresent(handle -> handle.descendants().forEach(ProcessHandle::destroyForcibly));
            process.pidfd().signal(Signal.SIGKILL);
            exit = process.pidfd().reap();
        }
    }

    /** Keeps the beginning of what comes and takes all of it, so that the program never waits for us. */
    private static final class Stream {
        private final Fd from;
        private final int limit;
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
        private final byte[] piece = new byte[8192];
        private boolean isTooLong;

        Stream(Fd from, int limit) {
            this.from = from;
            this.limit = limit;
        }

        /** Reads once, of what is there. @return false at the end */
        boolean take() throws IOException {
            int length = from.read(piece, 0, piece.length);
            int room = Math.min(Math.max(length, 0), limit - kept.size());
            kept.write(piece, 0, room);
            isTooLong |= room < length;
            return length >= 0;
        }
    }
}
