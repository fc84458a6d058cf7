package io.aestus.executor;

import io.aestus.executor.LogLine.Stream;
import io.aestus.linux.Fd;
import io.aestus.linux.Pipe;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The standard streams of one start of an app: made, kept by the pod's first process before the app has them, on their way
 * into the log before it can write. Closing it closes what is the app's; what is ours belongs to the log.
 */
final class AppStreams implements AutoCloseable {
    private final List<Fd> theirs = new ArrayList<>();
    private final Stage1.Streams streams;

    private AppStreams(Keeper keeper, Keeper.Start start, AppOutput output, AppOptions options) throws IOException {
        if (options.terminal() == AppOptions.Terminal.TTY) {
            streams = new Stage1.Streams.Terminal(master -> {
                output.add(Stream.STDOUT, master, AppOptions.Terminal.TTY);
                keeper.park(start, Keeper.Kind.TERMINAL, List.of(master));
            });
        } else {
            streams = pipes(keeper, start, output, options.stdin());
        }
    }

    static AppStreams open(Keeper keeper, Keeper.Start start, AppOutput output, AppOptions options) throws IOException {
        return new AppStreams(keeper, start, output, options);
    }

    private Stage1.Streams pipes(Keeper keeper, Keeper.Start start, AppOutput output, AppOptions.Stdin stdin)
            throws IOException {
        var ours = new ArrayList<Fd>();
        try {
            Fd from = stdin == AppOptions.Stdin.CLOSED ? nothing() : newInput(keeper, start);
            Fd stdout = newOutput(ours);
            Fd stderr = newOutput(ours);
            keeper.park(start, Keeper.Kind.OUTPUT, ours);
            output.add(Stream.STDOUT, ours.get(0), AppOptions.Terminal.NONE);
            output.add(Stream.STDERR, ours.get(1), AppOptions.Terminal.NONE);
            return new Stage1.Streams.Pipes(from, stdout, stderr);
        } catch (IOException e) {
            ours.forEach(Fd::close);
            close();
            throw e;
        }
    }

    private Fd newOutput(List<Fd> ours) throws SyscallException {
        Pipe pipe = Pipe.open();
        ours.add(pipe.reader());
        theirs.add(pipe.writer());
        return pipe.writer();
    }

    /** Nobody but the first process holds the end where input is written: when that lets go of it, the input ends. */
    private Fd newInput(Keeper keeper, Keeper.Start start) throws SyscallException {
        Pipe pipe = Pipe.open();
        theirs.add(pipe.reader());
        try (Fd ours = pipe.writer()) {
            keeper.park(start, Keeper.Kind.INPUT, List.of(ours));
        }
        return pipe.reader();
    }

    private Fd nothing() throws IOException {
        Fd nothing = HandlerOutput.nullDevice();
        theirs.add(nothing);
        return nothing;
    }

    /** What the new process gets. */
    Stage1.Streams forProcess() {
        return streams;
    }

    @Override
    public void close() {
        theirs.forEach(Fd::close);
    }
}
