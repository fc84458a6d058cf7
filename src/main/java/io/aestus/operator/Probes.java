package io.aestus.operator;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AcName;
import io.aestus.appc.App;
import io.aestus.executor.AppState;
import io.aestus.executor.AppStatus;
import io.aestus.executor.PodStatus;
import io.aestus.operator.v1alpha1.AppPodSpec;
import io.aestus.operator.v1alpha1.AppSpec;
import io.aestus.operator.v1alpha1.Probe;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Asks apps whether they are ready, as often as their specs say. An app without a probe is ready while it runs, one that tells of
 * itself by sd_notify not before it said so; one with a probe is ready after the first success, and until its probe has failed as often in a row as its threshold says. What is
 * remembered can be found out again. Thread-safe, for one look at a key at a time.
 */
final class Probes {
    private static final Logger LOG = System.getLogger(Probes.class.getName());

    private final NodePods pods;
    private final InstantSource clock;
    private final Map<PodKey, Map<AcName, Known>> known = new ConcurrentHashMap<>();

    Probes(NodePods pods, InstantSource clock) {
        this.pods = pods;
        this.clock = clock;
    }

    /** What one start of an app has answered so far. */
    private record Known(String run, boolean isReady, int failures, Instant due) {}

    /**
     * What is known now.
     *
     * @param ready the apps that are
     * @param next when there is something to ask again
     */
    record Readiness(Set<AcName> ready, Optional<Instant> next) {
        Readiness {
            ready = Set.copyOf(ready);
        }
    }

    /** Asks those whose time has come, one after the other; each takes as long as its timeout at most. */
    Readiness ask(PodKey key, AppPodSpec spec, PodStatus pod) throws InterruptedException {
        Map<AcName, Known> before = known.getOrDefault(key, Map.of());
        var answers = new HashMap<AcName, Known>();
        var ready = new HashSet<AcName>();
        for (AppStatus app : pod.apps()) {
            if (!(app.state() instanceof AppState.Running)) {
                if (app.awaitsConnection()) { // a probe would start it
                    ready.add(app.name());
                }
                continue;
            }
            Probe probe = probe(spec, app.name());
            if (probe == null || !app.isReady()) {
                if (app.isReady()) {
                    ready.add(app.name());
                }
                continue;
            }
            Known answer = answer(pod, app, probe, before.get(app.name()));
            answers.put(app.name(), answer);
            if (answer.isReady()) {
                ready.add(app.name());
            }
        }
        known.put(key, Map.copyOf(answers));
        return new Readiness(ready, answers.values().stream().map(Known::due).min(Instant::compareTo));
    }

    /** The AppPod is gone. */
    void forget(PodKey key) {
        known.remove(key);
    }

    private static @Nullable Probe probe(AppPodSpec spec, AcName name) {
        for (AppSpec app : spec.apps()) {
            if (app.name().equals(name.value())) {
                return app.readinessProbe();
            }
        }
        return null;
    }

    private boolean succeeds(PodStatus pod, AppStatus app, Probe probe) throws InterruptedException {
        try {
            return pods.succeeds(pod.uuid(), app.name(), Check.of(probe, effective(app)), probe.timeout());
        } catch (AestusException e) { // the probe has changed, and names no port of the app that runs
            LOG.log(Level.INFO, "probe of app {0} of pod {1}: {2}", app.name(), pod.uuid(), e.message());
            return false;
        }
    }

    /** With what its image says where its spec says nothing: its ports may be the image's. */
    private App effective(AppStatus app) {
        return pods.image(app.image())
                .map(image -> app.app().effective(image.manifest()))
                .orElseThrow(() -> new AestusException(
                        Problem.NOT_FOUND, "cannot probe app " + app.name() + ": its image is gone"));
    }

    /** @param before what was known of this app, perhaps of an earlier start of it */
    private Known answer(PodStatus pod, AppStatus app, Probe probe, @Nullable Known before)
            throws InterruptedException {
        String run = pod.uuid() + "/" + app.starts();
        Known known = before != null && before.run().equals(run) ? before : new Known(run, false, 0, Instant.MIN);
        if (known.due().isAfter(clock.instant())) {
            return known;
        }
        boolean succeeds = succeeds(pod, app, probe);
        int failures = succeeds ? 0 : known.failures() + 1;
        boolean isReady = succeeds || (known.isReady() && failures < probe.threshold());
        return new Known(run, isReady, failures, clock.instant().plus(probe.period()));
    }
}
