package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AcName;
import io.aestus.appc.App;
import io.aestus.appc.Isolator;
import io.aestus.appc.Isolators;
import java.io.IOException;
import java.util.function.Consumer;

/** What changes an app of an owned pod, or adds one, and starts or ends none. */
final class AppChanges {
    private final Engine engine;
    private final Consumer<OwnedPod> onChange;

    /** @param onChange is told of the pod when the restart policy of an app has changed */
    AppChanges(Engine engine, Consumer<OwnedPod> onChange) {
        this.engine = engine;
        this.onChange = onChange;
    }

    /** Gives an app another restart policy; one that has ended is judged by it anew. */
    void setPolicy(OwnedPod pod, AcName name, RestartPolicy policy) throws IOException, InterruptedException {
        try (var _ = pod.claim(name, engine.patience())) {
            pod.write(pod.requireApp(name).withPolicy(policy, engine.config().restarts()));
        }
        onChange.accept(pod);
    }

    void limit(OwnedPod pod, AcName name, Isolators limits) throws IOException, InterruptedException {
        try (var _ = pod.claim(name, engine.patience())) {
            AppRecord record = pod.requireApp(name);
            App app = record.app()
                    .app()
                    .orElseThrow(() -> new AestusException(
                            Problem.UNSUPPORTED,
                            "cannot limit app " + name + ": its isolators are those of its image"));
            Isolators all = app.isolators();
            for (Isolator limit : limits.all()) {
                all = all.with(limit);
            }
            var changed = record.app().withApp(app.toBuilder().isolators(all).build());
            var reports = record.state() instanceof AppState.Running
                    ? pod.stage1().limit(pod.place(record), limits)
                    : record.isolators();
            pod.write(record.withLimits(changed, reports));
        }
    }

    void add(OwnedPod pod, AppSpec spec) throws IOException, InterruptedException {
        try (var _ = pod.claim(engine.patience())) {
            AcName name = spec.app().name();
            if (pod.app(name).isPresent()) {
                throw new AestusException(
                        Problem.CONFLICT, "cannot add app " + name + ": pod " + pod.uuid() + " has one");
            }
            switch (pod.record().state()) {
                case PodState.Prepared _, PodState.Running _ -> {}
                case PodState.Starting _, PodState.Exited _, PodState.Aborted _ ->
                    throw new AestusException(
                            Problem.CONFLICT, "cannot add app " + name + ": pod " + pod.uuid() + " has ended");
            }
            var app = AppRecord.created(spec, pod.nextOrdinal(), engine.now());
            app.image(); // must be given by ID
            engine.files().write(pod.uuid(), app, PodFiles.Durability.PROCESS);
            pod.add(app);
            engine.events().publish(new PodEvent.AppCreated(pod.uuid(), name, app.created()));
        }
    }
}
