package io.aestus.executor;

import io.aestus.executor.Stage1.Streams;
import io.aestus.linux.ChildProgram;
import io.aestus.linux.Directory;
import io.aestus.linux.Fd;
import io.aestus.linux.PidFd;
import io.aestus.linux.Pty;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A new process's descriptors 0, 1 and 2: pipes that were made for it, or a terminal of the app's own; and sockets behind them that
 * were opened for it.
 */
final class StandardStreams implements AutoCloseable {
    private static final long DEVPTS = 0x1cd1;
    private static final int TERMINAL_PERMISSIONS = 0620;
    private static final int TTY_GROUP = 5;

    private final List<Fd> files;
    private final Optional<Fd> terminal;
    private final Cleanup owned;
    private List<HandedSocket> sockets = List.of();

    private StandardStreams(List<Fd> files, Optional<Fd> terminal, Cleanup owned) {
        this.files = files;
        this.terminal = terminal;
        this.owned = owned;
    }

    /** For an app's own process, whose root is not attached yet. */
    static StandardStreams open(Streams streams, AppRoot root) throws IOException {
        return switch (streams) {
            case Streams.Pipes(Fd stdin, Fd stdout, Fd stderr) -> of(List.of(stdin, stdout, stderr));
            case Streams.Terminal(Stage1.Parker parker) -> terminal(root.terminals(), parker);
        };
    }

    /** For a further process in a running app, whose own terminals are below its root. */
    static StandardStreams openIn(Streams streams, PidFd app) throws IOException {
        return switch (streams) {
            case Streams.Pipes(Fd stdin, Fd stdout, Fd stderr) -> of(List.of(stdin, stdout, stderr));
            case Streams.Terminal(Stage1.Parker parker) -> {
                try (Directory root = Directory.open(Path.of("/proc/" + app.pid() + "/root"));
                        Fd devpts = root.openPathInRoot("dev/pts")) {
                    if (devpts.fileSystemMagic() != DEVPTS) {
                        throw new IOException("cannot make a terminal: /dev/pts of the app is not its own any more");
                    }
                    yield terminal(devpts, parker);
                }
            }
        };
    }

    /** Those that are there. */
    static StandardStreams of(List<Fd> files) {
        return new StandardStreams(files, Optional.empty(), new Cleanup());
    }

    private static StandardStreams terminal(Fd devpts, Stage1.Parker parker) throws IOException {
        var owned = new Cleanup();
        Pty pty = Pty.open(devpts);
        owned.owns(pty.slave());
        try {
            parker.park(pty.master());
            return new StandardStreams(List.of(pty.slave(), pty.slave(), pty.slave()), Optional.of(pty.slave()), owned);
        } catch (IOException e) {
            owned.close();
            throw e;
        }
    }

    /** Makes them the user's, so that the process can open {@code /dev/stdout} again. */
    void giveTo(Confinement confinement, UserRange range) throws IOException {
        int user = range.onHost(confinement.user());
        if (terminal.isPresent()) {
            terminal.get().chown(user, range.onHost(range.contains(TTY_GROUP) ? TTY_GROUP : confinement.group()));
            terminal.get().chmod(TERMINAL_PERMISSIONS);
            return;
        }
        for (Fd file : files) {
            if (file.status().isPipe()) {
                file.chown(user, range.onHost(confinement.group()));
            }
        }
    }

    /** The end of the terminal that the app has, if there is one. */
    Optional<Fd> terminal() {
        return terminal;
    }

    /** Has the process get these too. Lent. */
    StandardStreams hand(List<HandedSocket> handed) {
        sockets = List.copyOf(handed);
        return this;
    }

    /** Those that it gets besides the streams. */
    List<HandedSocket> sockets() {
        return sockets;
    }

    /** The environment of the process, in which it finds what it was handed. */
    List<String> told(List<String> environment) {
        if (sockets.isEmpty()) {
            return environment;
        }
        return AppEnvironment.with(
                environment,
                Map.of(
                        "LISTEN_FDS",
                        Integer.toString(sockets.size()),
                        "LISTEN_FDNAMES",
                        sockets.stream().map(HandedSocket::name).collect(Collectors.joining(":"))));
    }

    /** Adds the step that makes them the child's. */
    void assign(ChildProgram child) {
        child.assign(files, 0);
    }

    /** Adds the steps by which the child, to which they are assigned, leads a session of its own on the terminal. */
    void startSession(ChildProgram child) {
        child.startSession();
        if (terminal.isPresent()) {
            child.takeTerminal(0);
        }
    }

    @Override
    public void close() throws IOException {
        owned.close();
    }
}
