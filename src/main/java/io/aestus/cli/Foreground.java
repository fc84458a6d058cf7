package io.aestus.cli;

import io.aestus.appc.PodUuid;
import io.aestus.executor.AppProcess;
import io.aestus.executor.AppStatus;
import io.aestus.executor.Executor;
import io.aestus.executor.PodSpec;
import io.aestus.executor.PodState;
import io.aestus.executor.StopOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.ParseResult;

/** A pod that the command line waits for: its output is ours, our signals are its end, its exit code is ours. */
final class Foreground {
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
        try {
            return attend(pod, mode.isInteractive());
        } catch (RuntimeException | OutOfMemoryError | LinkageError e) { // nobody would look after it
            end(pod, e);
            throw e;
        }
    }

    private void end(PodUuid pod, Throwable why) {
        try {
            session.executor().stop(pod, StopOptions.NOW);
        } catch (RuntimeException e) {
            why.addSuppressed(e);
        }
    }

    /** Waits for the end of a pod that runs. */
    int attend(PodUuid pod, boolean isInteractive) throws IOException, InterruptedException {
        return isInteractive ? interact(pod) : follow(pod);
    }

    /** Prints what a pod's apps write, until the pod has ended. Interrupt and termination stop it, a second one kills. */
    int follow(PodUuid pod) throws InterruptedException {
        Executor executor = session.executor();
        var isStopping = new AtomicBoolean();
        UserSignals.onEnd(() -> {
            StopOptions how = isStopping.getAndSet(true) ? StopOptions.NOW : StopOptions.DEFAULT;
            executor.stop(pod, how);
        });
        PodState.Exited exited;
        Starter.tellWhenReady(session, pod);
        try (var _ = PodOutput.of(session, pod)) {
            exited = end(pod);
        }
        return report(exited);
    }

    private int interact(PodUuid pod) throws InterruptedException, IOException {
        AppStatus app = session.executor().status(pod).apps().getFirst();
        Starter.tellWhenReady(session, pod);
        try (AppProcess process = session.executor().attach(pod, app.name(), Executor.History.ALL)) {
            UserTerminal.connect(process, session.out(), session.err());
        }
        session.out().flush();
        return report(end(pod));
    }

    private PodState.Exited end(PodUuid pod) throws InterruptedException {
        Optional<PodState.Exited> exited = Optional.empty();
        while (exited.isEmpty()) {
            exited = session.executor().waitFor(pod, Duration.ofHours(1));
        }
        return exited.get();
    }

    private int report(PodState.Exited exited) {
        for (var exit : exited.exits().entrySet()) {
            String message = exit.getValue().message();
            if (!message.isEmpty()) {
                session.note("app " + exit.getKey() + " " + message);
            }
        }
        return exited.code();
    }
}
