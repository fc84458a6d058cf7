package io.aestus.cli;

import io.aestus.appc.PodUuid;
import io.aestus.executor.AppLog;
import io.aestus.executor.AppProcess;
import io.aestus.executor.AppStatus;
import io.aestus.executor.Executor;
import io.aestus.executor.LogLine;
import io.aestus.executor.LogQuery;
import io.aestus.executor.PodSpec;
import io.aestus.executor.PodState;
import io.aestus.executor.PodStatus;
import io.aestus.executor.StopOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.ParseResult;

/** A pod that the command line waits for: its output is ours, our signals are its end, its exit code is ours. */
final class Foreground {
    private static final Duration TURN = Duration.ofMillis(200);

    private final Session session;

    Foreground(Session session) {
        this.session = session;
    }

    /**
     * How {@code run} treats the pod that it starts.
     *
     * @param isDetached whether it is left running
     * @param isInteractive whether our input is the app's
     * @param uuidFile where its UUID is written
     */
    record Mode(boolean isDetached, boolean isInteractive, Optional<Path> uuidFile) {
        static Mode of(ParseResult arguments) {
            return new Mode(
                    Options.isSet(arguments, "--detach"),
                    Options.isSet(arguments, "--interactive"),
                    Options.value(arguments, "--uuid-file-save").map(Path::of));
        }
    }

    /** Starts a pod and, unless it is to be left alone, waits for its end. */
    int run(PodSpec spec, Mode mode) throws IOException, InterruptedException {
        PodUuid pod = session.executor().run(spec);
        if (mode.uuidFile().isPresent()) {
            Files.writeString(mode.uuidFile().get(), pod + "\n");
        }
        if (mode.isDetached()) {
            session.out().println(pod);
            return ExitCode.DONE;
        }
        return mode.isInteractive() ? interact(pod) : follow(pod);
    }

    /** Prints what a pod's apps write, until the pod has ended. Interrupt and termination stop it, a second one kills. */
    int follow(PodUuid pod) throws InterruptedException {
        Executor executor = session.executor();
        var isStopping = new AtomicBoolean();
        UserSignals.onEnd(() -> {
            StopOptions how = isStopping.getAndSet(true) ? StopOptions.NOW : StopOptions.DEFAULT;
            executor.stop(pod, how);
        });
        PodStatus status = executor.status(pod);
        boolean several = status.apps().size() > 1;
        var printers = new ArrayList<Thread>();
        for (AppStatus app : status.apps()) {
            AppLog log = executor.log(pod, app.name());
            byte[] prefix = (several ? app.name() + ": " : "").getBytes(StandardCharsets.UTF_8);
            printers.add(Thread.ofVirtual().start(() -> print(log, prefix)));
        }
        for (Thread printer : printers) {
            printer.join();
        }
        return end(pod);
    }

    private int interact(PodUuid pod) throws InterruptedException, IOException {
        AppStatus app = session.executor().status(pod).apps().getFirst();
        try (AppProcess process = session.executor().attach(pod, app.name(), Executor.History.ALL)) {
            UserTerminal.connect(process, session.out(), session.err());
        }
        return end(pod);
    }

    private int end(PodUuid pod) throws InterruptedException {
        session.out().flush();
        Optional<PodState.Exited> exited = Optional.empty();
        while (exited.isEmpty()) {
            exited = session.executor().waitFor(pod, Duration.ofHours(1));
        }
        for (var exit : exited.get().exits().entrySet()) {
            String message = exit.getValue().message();
            if (!message.isEmpty()) {
                session.err().println("aestus: app " + exit.getKey() + " " + message);
            }
        }
        return exited.get().code();
    }

    private void print(AppLog log, byte[] prefix) {
        boolean isContinued = false;
        try (AppLog.Reader reader = log.read(LogQuery.all().following())) {
            while (!reader.atEnd()) {
                Optional<LogLine> line = reader.next(TURN);
                if (line.isEmpty()) {
                    continue;
                }
                print(line.get(), isContinued ? new byte[0] : prefix);
                isContinued = line.get().isPartial();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void print(LogLine line, byte[] prefix) {
        PrintStream to =
                switch (line.stream()) {
                    case STDOUT -> session.out();
                    case STDERR -> session.err();
                };
        byte[] text = line.text();
        var whole = new byte[prefix.length + text.length + (line.isPartial() ? 0 : 1)];
        System.arraycopy(prefix, 0, whole, 0, prefix.length);
        System.arraycopy(text, 0, whole, prefix.length, text.length);
        if (!line.isPartial()) {
            whole[whole.length - 1] = '\n';
        }
        to.write(whole, 0, whole.length); // one write a line: lines of several apps do not mix
        to.flush();
    }
}
