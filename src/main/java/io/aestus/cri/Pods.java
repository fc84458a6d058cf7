package io.aestus.cri;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AcName;
import io.aestus.appc.Isolators;
import io.aestus.appc.PodUuid;
import io.aestus.executor.AppFootprint;
import io.aestus.executor.AppLog;
import io.aestus.executor.AppProcess;
import io.aestus.executor.AppSpec;
import io.aestus.executor.AppUsage;
import io.aestus.executor.CheckpointSpec;
import io.aestus.executor.ExecSpec;
import io.aestus.executor.Executor;
import io.aestus.executor.PodEventListener;
import io.aestus.executor.PodSpec;
import io.aestus.executor.PodStatus;
import io.aestus.executor.StopOptions;
import io.aestus.executor.Subscription;
import io.aestus.linux.ProcessFigures;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/** What this room asks of the executor, with the executor's own words and promises. */
interface Pods {
    PodUuid run(PodSpec spec);

    PodStatus status(PodUuid pod);

    /** The same; empty once it has been removed. */
    default Optional<PodStatus> find(PodUuid pod) {
        try {
            return Optional.of(status(pod));
        } catch (AestusException e) {
            if (e.problem() == Problem.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    List<PodStatus> list();

    void stop(PodUuid pod, StopOptions how);

    void remove(PodUuid pod);

    AcName addApp(PodUuid pod, AppSpec app);

    void startApp(PodUuid pod, AcName app);

    void stopApp(PodUuid pod, AcName app, StopOptions how);

    void removeApp(PodUuid pod, AcName app);

    void limit(PodUuid pod, AcName app, Isolators limits);

    AppProcess exec(PodUuid pod, AcName app, ExecSpec what);

    AppProcess attach(PodUuid pod, AcName app);

    SocketChannel connect(PodUuid pod, int port, Duration limit);

    AppLog log(PodUuid pod, AcName app);

    Optional<AppUsage> usage(PodUuid pod, AcName app);

    Optional<AppUsage> usage(PodUuid pod);

    Optional<ProcessFigures> processes(PodUuid pod, AcName app);

    AppFootprint footprint(PodUuid pod, AcName app);

    void checkpoint(PodUuid pod, AcName app, CheckpointSpec spec) throws InterruptedException, TimeoutException;

    Subscription events(PodEventListener listener);

    static Pods of(Executor executor) {
        return new Pods() {
            @Override
            public PodUuid run(PodSpec spec) {
                return executor.run(spec);
            }

            @Override
            public PodStatus status(PodUuid pod) {
                return executor.status(pod);
            }

            @Override
            public List<PodStatus> list() {
                return executor.list();
            }

            @Override
            public void stop(PodUuid pod, StopOptions how) {
                executor.stop(pod, how);
            }

            @Override
            public void remove(PodUuid pod) {
                executor.remove(pod);
            }

            @Override
            public AcName addApp(PodUuid pod, AppSpec app) {
                return executor.addApp(pod, app);
            }

            @Override
            public void startApp(PodUuid pod, AcName app) {
                executor.startApp(pod, app);
            }

            @Override
            public void stopApp(PodUuid pod, AcName app, StopOptions how) {
                executor.stopApp(pod, app, how);
            }

            @Override
            public void removeApp(PodUuid pod, AcName app) {
                executor.removeApp(pod, app);
            }

            @Override
            public void limit(PodUuid pod, AcName app, Isolators limits) {
                executor.limit(pod, app, limits);
            }

            @Override
            public AppProcess exec(PodUuid pod, AcName app, ExecSpec what) {
                return executor.exec(pod, app, what);
            }

            @Override
            public AppProcess attach(PodUuid pod, AcName app) {
                return executor.attach(pod, app);
            }

            @Override
            public SocketChannel connect(PodUuid pod, int port, Duration limit) {
                return executor.connect(pod, port, limit);
            }

            @Override
            public AppLog log(PodUuid pod, AcName app) {
                return executor.log(pod, app);
            }

            @Override
            public Optional<AppUsage> usage(PodUuid pod, AcName app) {
                return executor.usage(pod, app);
            }

            @Override
            public Optional<AppUsage> usage(PodUuid pod) {
                return executor.usage(pod);
            }

            @Override
            public Optional<ProcessFigures> processes(PodUuid pod, AcName app) {
                return executor.processes(pod, app);
            }

            @Override
            public AppFootprint footprint(PodUuid pod, AcName app) {
                return executor.footprint(pod, app);
            }

            @Override
            public void checkpoint(PodUuid pod, AcName app, CheckpointSpec spec)
                    throws InterruptedException, TimeoutException {
                executor.checkpoints().write(pod, app, spec);
            }

            @Override
            public Subscription events(PodEventListener listener) {
                return executor.events(listener);
            }
        };
    }
}
