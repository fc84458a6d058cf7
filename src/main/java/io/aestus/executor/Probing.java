package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AcName;
import io.aestus.linux.PidFd;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;

/**
 * Asks one start of an app again and again whether it is ready, and writes what it finds into the app's record. What has failed
 * so far in a row is not written down: the next owner of the pod begins to count anew. A pod that is paused is not asked.
 */
final class Probing implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("io.aestus.executor");
    private static final Duration FOREVER = Duration.ofDays(365);
    private static final Duration LAST_TRY = Duration.ofSeconds(10);

    private final Engine engine;
    private final OwnedPod pod;
    private final AcName app;
    private final OwnedApp.Run run;
    private final ReadinessProbe probe;
    private final Thread thread = Thread.ofVirtual().name("aestus-probe").unstarted(this::ask);
    private int failures;

    Probing(Engine engine, OwnedPod pod, AcName app, OwnedApp.Run run, ReadinessProbe probe) {
        this.engine = engine;
        this.pod = pod;
        this.app = app;
        this.run = run;
        this.probe = probe;
    }

    void open() {
        thread.start();
    }

    private void ask() {
        try {
            while (pod.isCurrent(app, run)) {
                if (!pod.record().isPaused()) {
                    find(succeeds());
                }
                Thread.sleep(probe.period());
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (RejectedExecutionException _) {
            // this process is about to end: for the next owner
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "cannot probe app " + app + " of pod " + pod.uuid(), e);
        }
    }

    // --- one try

    private boolean succeeds() throws InterruptedException {
        try {
            return switch (probe.check()) {
                case ReadinessProbe.Check.Command(List<String> words) -> runs(words);
                case ReadinessProbe.Check.Connection(int port) -> isTaken(port);
                case ReadinessProbe.Check.Request(int port, String path) -> answers(port, path);
            };
        } catch (AestusException | IOException e) { // no such program, nobody there, or the app has just ended
            LOG.log(Level.DEBUG, "probe of app {0} of pod {1}: {2}", app, pod.uuid(), e.getMessage());
            return false;
        }
    }

    private boolean runs(List<String> command) throws IOException, InterruptedException {
        try (AppProcess process = engine.workers().run(() -> execute(command))) {
            return process.waitFor(probe.timeout())
                    .filter(end -> end.code() == 0)
                    .isPresent();
        }
    }

    private AppProcess execute(List<String> command) throws IOException {
        try (PidFd main = run.duplicate().orElseThrow(Probing::ended)) {
            AppRecord record = pod.requireApp(app);
            long pid = record.process().orElseThrow(Probing::ended).pid();
            return Session.open(
                    engine,
                    pod.stage1(),
                    pod.place(record),
                    new Stage1.StartedProcess(pid, main),
                    ExecSpec.of(command));
        }
    }

    private boolean isTaken(int port) throws IOException, InterruptedException {
        connect(port).close();
        return true;
    }

    private boolean answers(int port, String path) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + probe.timeout().toNanos();
        try (SocketChannel connection = connect(port)) {
            return HttpCheck.succeeds(connection, path, Duration.ofNanos(deadline - System.nanoTime()));
        }
    }

    private SocketChannel connect(int port) throws IOException, InterruptedException {
        return engine.workers().run(() -> {
            try (PidFd first = anchor().first().duplicate()) {
                return PodSockets.connect(first, port, probe.timeout());
            }
        });
    }

    private OwnedPod.Anchor anchor() {
        return pod.anchor().orElseThrow(Probing::ended);
    }

    private static AestusException ended() {
        return new AestusException(Problem.CONFLICT, "cannot probe: it has ended");
    }

    // --- what it says

    private void find(boolean succeeds) throws InterruptedException {
        failures = succeeds ? 0 : failures + 1;
        try {
            engine.workers().run(() -> {
                record(succeeds);
                return true;
            });
        } catch (IOException e) { // tried again after the next one
            LOG.log(Level.WARNING, "cannot record whether app " + app + " of pod " + pod.uuid() + " is ready", e);
        }
    }

    private void record(boolean succeeds) throws IOException, InterruptedException {
        try (var _ = pod.claim(app, FOREVER)) {
            if (!pod.isCurrent(app, run)) {
                return;
            }
            AppRecord record = pod.requireApp(app);
            boolean passes = succeeds || (record.passesProbe() && failures < probe.threshold());
            if (passes != record.passesProbe()) {
                engine.write(pod, record.withProbed(passes));
            }
        }
    }

    /** Asks no more, and ends what is being tried; which is over when this returns. */
    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(LAST_TRY);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
