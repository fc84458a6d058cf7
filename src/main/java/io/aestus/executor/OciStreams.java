package io.aestus.executor;

import io.aestus.executor.Stage1.Streams;
import io.aestus.linux.ConsoleSocket;
import io.aestus.linux.Fd;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The standard streams of a run of an OCI runtime, which the container has too: pipes; or nothing, while the runtime hands over
 * the terminal that it has made. The host's null device is never among them: a runtime would give it to the container's user.
 */
final class OciStreams implements AutoCloseable {
    private final List<Fd> files;
    private final Optional<ConsoleSocket> console;
    private final Fd nothing;

    private OciStreams(List<Fd> files, Optional<ConsoleSocket> console, Fd nothing) {
        this.files = files;
        this.console = console;
        this.nothing = nothing;
    }

    /** Those that a new process is to have. */
    static OciStreams of(Streams streams, OciDesk desk) throws IOException {
        Fd nothing = desk.nothing();
        try {
            return switch (streams) {
                case Streams.Pipes(Fd stdin, Fd stdout, Fd stderr) -> {
                    Fd in = stdin.status().isPipe() ? stdin : nothing;
                    yield new OciStreams(List.of(in, stdout, stderr), Optional.empty(), nothing);
                }
                case Streams.Terminal _ -> {
                    var console = Optional.of(desk.console());
                    yield new OciStreams(List.of(nothing, nothing, nothing), console, nothing);
                }
            };
        } catch (IOException e) {
            nothing.close();
            throw e;
        }
    }

    List<Fd> files() {
        return files;
    }

    AppOptions.Terminal terminal() {
        return console.isPresent() ? AppOptions.Terminal.TTY : AppOptions.Terminal.NONE;
    }

    /** What the runtime is told of them. */
    List<String> words() {
        return console.isPresent() ? List.of("--console-socket", OciDesk.path(OciDesk.CONSOLE)) : List.of();
    }

    /** After the run: parks the terminal that it has made, if one was asked for. */
    void park(Streams streams) throws IOException {
        if (streams instanceof Streams.Terminal(Stage1.Parker parker)) {
            parker.park(console.orElseThrow().receive());
        }
    }

    @Override
    public void close() {
        console.ifPresent(ConsoleSocket::close);
        nothing.close();
    }
}
