package io.aestus.operator;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AcIdentifier;
import io.aestus.appc.AcName;
import io.aestus.appc.App;
import io.aestus.appc.ImageId;
import io.aestus.appc.ImageManifest;
import io.aestus.appc.PodUuid;
import io.aestus.appc.RuntimeApp;
import io.aestus.executor.AppOptions;
import io.aestus.executor.AppState;
import io.aestus.executor.AppStatus;
import io.aestus.executor.ExitStatus;
import io.aestus.executor.PodEventListener;
import io.aestus.executor.PodSpec;
import io.aestus.executor.PodState;
import io.aestus.executor.PodStatus;
import io.aestus.executor.ReadinessProbe;
import io.aestus.executor.RestartPolicy;
import io.aestus.executor.StopOptions;
import io.aestus.executor.Subscription;
import io.aestus.json.JsonObject;
import io.aestus.operator.v1alpha1.AppSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A node without processes, stricter than the real one: it refuses whatever a real executor would only tolerate, such as
 * stopping or removing twice. Its clock stands until it is moved.
 */
final class FakeNode implements NodePods, InstantSource {
    private final Map<String, Image> repository = new HashMap<>();
    private final Map<String, AestusException> failures = new HashMap<>();
    private final Map<ImageId, Image> store = new HashMap<>();
    private final Map<PodUuid, PodStatus> pods = new LinkedHashMap<>();
    private final List<String> log = new ArrayList<>();
    private final Set<String> unready = new HashSet<>();
    private Instant now = Instant.parse("2026-11-23T12:00:00Z");
    private Optional<AestusException> startFailure = Optional.empty();
    private Runnable duringFetch = () -> {};

    /** Everything that was asked for since the last time, in order. */
    synchronized List<String> log() {
        var said = List.copyOf(log);
        log.clear();
        return said;
    }

    synchronized Image publish(String name, String... signers) {
        var id = new ImageId("%0128x".formatted(Integer.toUnsignedLong(name.hashCode()) + repository.size()));
        var manifest = ImageManifest.named(AcIdentifier.parse(name))
                .withApp(App.running(List.of("/bin/" + name.substring(name.lastIndexOf('/') + 1)))
                        .build());
        var image = new Image(id, manifest, List.of(signers));
        repository.put(name, image);
        failures.remove(name);
        return image;
    }

    synchronized void refuse(String name, Problem problem, String message) {
        failures.put(name, new AestusException(problem, message));
    }

    synchronized void failStarts(Problem problem, String message) {
        startFailure = Optional.of(new AestusException(problem, message));
    }

    synchronized void letStartsPass() {
        startFailure = Optional.empty();
    }

    synchronized void duringFetch(Runnable action) {
        duringFetch = action;
    }

    synchronized void advance(Duration time) {
        now = now.plus(time);
    }

    @Override
    public synchronized Instant instant() {
        return now;
    }

    @Override
    public synchronized Image fetch(AppSpec.Image wanted) {
        String name = String.valueOf(wanted.name());
        log.add("fetch " + name);
        duringFetch.run();
        AestusException failure = failures.get(name);
        if (failure != null) {
            throw failure;
        }
        Image image = repository.get(name);
        if (image == null) {
            throw new AestusException(Problem.NOT_FOUND, "cannot find " + name + ": nobody has it");
        }
        store.put(image.id(), image);
        return image;
    }

    @Override
    public synchronized Optional<Image> image(ImageId id) {
        return Optional.ofNullable(store.get(id));
    }

    @Override
    public synchronized PodUuid run(PodSpec spec) {
        spec.manifest().requireReified();
        var uuid = PodUuid.random();
        log.add("run");
        var pod = new PodStatus(
                uuid,
                spec.manifest(),
                spec.options(),
                now,
                new PodState.Starting(now),
                false,
                "native",
                List.of(),
                List.of(),
                spec.manifest().apps().stream().map(app -> created(spec, app)).toList());
        if (startFailure.isPresent()) {
            pods.put(
                    uuid, with(pod, new PodState.Aborted(now, startFailure.get().message()), pod.apps()));
            throw startFailure.get();
        }
        var apps = pod.apps().stream()
                .map(app -> with(app, new AppState.Running(now, 2), 1))
                .toList();
        pods.put(uuid, with(pod, new PodState.Running(now, 1), apps));
        return uuid;
    }

    private AppStatus created(PodSpec spec, RuntimeApp app) {
        ImageId id = app.image().id().orElseThrow();
        if (!store.containsKey(id)) {
            throw new AssertionError("image of app " + app.name() + " is not in the store");
        }
        return new AppStatus(
                app.name(),
                id,
                app,
                Optional.ofNullable(spec.apps().get(app.name())).orElse(AppOptions.DEFAULT),
                now,
                new AppState.Created(),
                0,
                Optional.empty(),
                false,
                Optional.empty(),
                false,
                Path.of("/log"),
                List.of(),
                JsonObject.EMPTY);
    }

    @Override
    public synchronized void setRestartPolicy(PodUuid uuid, AcName name, RestartPolicy policy) {
        log.add("setRestartPolicy " + name + " " + policy);
        PodStatus pod = required(uuid);
        require(pod.state() instanceof PodState.Running, "setRestartPolicy in a pod that is " + pod.state());
        AppStatus app = pod.requireApp(name);
        require(app.options().restart() != policy, "setRestartPolicy to what it is");
        replace(pod, with(app, app.options().withRestart(policy), app.state(), app.starts()));
    }

    /** As the executor does by an app's restart policy. */
    synchronized void restart(String name) {
        PodStatus pod = pod();
        AppStatus app = pod.requireApp(AcName.parse(name));
        require(app.due().isPresent(), "restart of an app that does not wait for it");
        replace(pod, with(app, app.options(), new AppState.Running(now, 2), app.starts() + 1));
    }

    /** What the probe of this app says from now on. */
    synchronized void answer(String app, boolean isReady) {
        if (isReady) {
            unready.remove(app);
        } else {
            unready.add(app);
        }
        pods.values().stream().toList().forEach(pod -> pod.app(AcName.parse(app))
                .ifPresent(known -> replace(pod, with(known, known.state(), known.starts()))));
    }

    private boolean passes(String app, AppState state) {
        return state instanceof AppState.Running && !unready.contains(app);
    }

    @Override
    public synchronized void setReadiness(PodUuid uuid, AcName name, Optional<ReadinessProbe> probe) {
        log.add("setReadiness " + name + " "
                + probe.map(set -> set.check() + " each " + set.period().toSeconds() + " s")
                        .orElse("none"));
        PodStatus pod = required(uuid);
        require(pod.state() instanceof PodState.Running, "setReadiness in a pod that is " + pod.state());
        AppStatus app = pod.requireApp(name);
        require(!app.options().readiness().equals(probe), "setReadiness to what it is");
        replace(pod, with(app, app.options().withReadiness(probe), app.state(), app.starts()));
    }

    @Override
    public synchronized void stop(PodUuid uuid, StopOptions how) {
        log.add("stop within " + how.grace().toSeconds() + " s");
        PodStatus pod = required(uuid);
        require(pod.state() instanceof PodState.Running, "stop of a pod that is " + pod.state());
        List<AppStatus> apps = pod.apps().stream()
                .map(app -> app.state() instanceof AppState.Running(Instant since, long _)
                        ? with(app, new AppState.Exited(since, now, ExitStatus.ofSignal(15)), app.starts())
                        : app)
                .toList();
        var exits = new HashMap<AcName, ExitStatus>();
        for (AppStatus app : apps) {
            if (app.state() instanceof AppState.Exited exited) {
                exits.put(app.name(), exited.status());
            }
        }
        pods.put(uuid, with(pod, new PodState.Exited(now, exits), apps));
    }

    @Override
    public synchronized void remove(PodUuid uuid) {
        log.add("remove");
        PodStatus pod = required(uuid);
        require(!(pod.state() instanceof PodState.Running), "remove of a pod that runs");
        pods.remove(uuid);
    }

    @Override
    public synchronized List<PodStatus> list() {
        return List.copyOf(pods.values());
    }

    @Override
    public Subscription events(PodEventListener listener) {
        return () -> {};
    }

    /** The only pod. */
    synchronized PodStatus pod() {
        require(pods.size() == 1, "there are " + pods.size() + " pods");
        return pods.values().iterator().next();
    }

    synchronized void exit(String app, ExitStatus status) {
        PodStatus pod = pod();
        AppStatus before = pod.requireApp(AcName.parse(app));
        if (!(before.state() instanceof AppState.Running(Instant since, long _))) {
            throw new AssertionError(app + " does not run");
        }
        replace(pod, with(before, new AppState.Exited(since, now, status), before.starts()));
    }

    /** As after a reboot: every process is gone, and nobody saw how. */
    synchronized void reboot() {
        pods.replaceAll((_, pod) -> with(
                pod,
                new PodState.Exited(now, Map.of()),
                pod.apps().stream()
                        .map(app -> with(
                                app,
                                new AppState.Exited(now, now, ExitStatus.unknown("the host was restarted")),
                                app.starts()))
                        .toList()));
    }

    private PodStatus required(PodUuid uuid) {
        return Optional.ofNullable(pods.get(uuid)).orElseThrow(() -> new AssertionError("no pod " + uuid));
    }

    private void replace(PodStatus pod, AppStatus changed) {
        pods.put(
                pod.uuid(),
                with(
                        pod,
                        pod.state(),
                        pod.apps().stream()
                                .map(app -> app.name().equals(changed.name()) ? changed : app)
                                .toList()));
    }

    private static PodStatus with(PodStatus pod, PodState state, List<AppStatus> apps) {
        return new PodStatus(
                pod.uuid(),
                pod.manifest(),
                pod.options(),
                pod.created(),
                state,
                false,
                "native",
                List.of(),
                List.of(),
                apps);
    }

    private AppStatus with(AppStatus app, AppState state, int starts) {
        return with(app, app.options(), state, starts);
    }

    private AppStatus with(AppStatus app, AppOptions options, AppState state, int starts) {
        Optional<Instant> due = state instanceof AppState.Exited(Instant _, Instant at, ExitStatus status)
                        && options.restart().appliesTo(status)
                ? Optional.of(at.plusSeconds(10))
                : Optional.empty();
        return new AppStatus(
                app.name(),
                app.image(),
                app.app(),
                options,
                app.created(),
                state,
                starts,
                due,
                app.awaitsConnection(),
                app.notice(),
                passes(app.name().value(), state),
                app.logPath(),
                List.of(),
                JsonObject.EMPTY);
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
