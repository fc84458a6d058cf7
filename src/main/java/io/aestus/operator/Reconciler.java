package io.aestus.operator;

import io.aestus.AestusException;
import io.aestus.appc.AcName;
import io.aestus.appc.ImageId;
import io.aestus.appc.PodUuid;
import io.aestus.appc.Volume;
import io.aestus.executor.AppState;
import io.aestus.executor.AppStatus;
import io.aestus.executor.ExitStatus;
import io.aestus.executor.PodSpec;
import io.aestus.executor.PodState;
import io.aestus.executor.PodStatus;
import io.aestus.executor.ReadinessProbe;
import io.aestus.executor.RestartPolicy;
import io.aestus.executor.StopOptions;
import io.aestus.operator.PodSource.Notice;
import io.aestus.operator.WorkQueue.Next;
import io.aestus.operator.v1alpha1.AppPod;
import io.aestus.operator.v1alpha1.AppPodSpec;
import io.aestus.operator.v1alpha1.AppPodStatus;
import io.aestus.operator.v1alpha1.AppPodStatus.Phase;
import io.aestus.operator.v1alpha1.AppSpec;
import io.aestus.operator.v1alpha1.VolumeSpec;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Makes the pods of this node what an AppPod says: compares the two and takes the next steps. It is told only which AppPod
 * to look at, never what happened, and keeps nothing in memory that it could not find out again.
 *
 * <p>A pod that cannot change into what is wanted is replaced, and not before all images of the new one are there: an image
 * that cannot be had or trusted stops nothing that runs.
 */
final class Reconciler implements WorkQueue.Work<PodKey>, AutoCloseable {
    private static final Logger LOG = System.getLogger(Reconciler.class.getName());
    private static final Duration DEFAULT_GRACE = Duration.ofSeconds(30);
    private static final Duration ANOTHER_STARTS_IT = Duration.ofSeconds(1);

    private final PodSource source;
    private final NodePods pods;
    private final InstantSource clock;
    private final OwnedPods owned;
    private final Fetches fetches;

    Reconciler(PodSource source, NodePods pods, InstantSource clock) {
        this.source = source;
        this.pods = pods;
        this.clock = clock;
        this.owned = new OwnedPods(pods, source.name());
        this.fetches = new Fetches(pods);
    }

    @Override
    public Next on(PodKey key) throws InterruptedException {
        Optional<AppPod> wanted = source.find(key);
        List<PodStatus> present = owned.of(key);
        if (wanted.isEmpty()) {
            if (source.isComplete()) {
                present.forEach(pod -> vanish(key, pod));
                source.release(key);
            }
            return Next.DONE;
        }
        AppPod pod = wanted.get();
        if (pod.getMetadata().getDeletionTimestamp() != null) {
            return finish(pod, present);
        }
        return source.hold(pod) ? keep(pod, present) : Next.DONE;
    }

    /** The pods that are there already. */
    OwnedPods owned() {
        return owned;
    }

    /** There is no AppPod left to tell, so the log is told. */
    private void vanish(PodKey key, PodStatus pod) {
        owned.end(pod, DEFAULT_GRACE);
        LOG.log(Level.INFO, "AppPod {0} is gone: stopped and removed its pod {1}", key, pod.uuid());
    }

    private Next finish(AppPod pod, List<PodStatus> present) {
        if (!present.isEmpty()) {
            report(pod, present.stream().findFirst(), _ -> true, Phase.RUNNING, "Terminating", Steps.before(pod));
            present.forEach(each -> owned.end(each, grace(pod)));
            source.tell(pod, Notice.normal(Reasons.POD_REMOVED, "stopped and removed the pod"));
        }
        source.release(PodKey.of(pod));
        return Next.DONE;
    }

    private Next keep(AppPod pod, List<PodStatus> present) throws InterruptedException {
        Ownership wanted = Ownership.of(source.name(), pod);
        Optional<PodStatus> current = present.stream()
                .filter(each -> OwnedPods.owner(each).filter(wanted::equals).isPresent())
                .findFirst();
        List<PodStatus> others = present.stream()
                .filter(each -> !current.map(PodStatus::uuid).equals(Optional.of(each.uuid())))
                .toList();
        if (current.isEmpty()) {
            return hasRun(pod, wanted) ? Next.DONE : create(pod, wanted, others);
        }
        others.forEach(each -> owned.end(each, grace(pod)));
        PodStatus actual = current.get();
        return switch (actual.state()) {
            case PodState.Starting _ -> new Next.After(ANOTHER_STARTS_IT);
            case PodState.Running _ -> tend(pod, actual);
            case PodState.Exited _ ->
                Restarts.finished(pod.getSpec(), actual).isPresent()
                        ? tend(pod, actual)
                        : create(pod, wanted, List.of(actual));
            case PodState.Prepared _, PodState.Aborted _ -> create(pod, wanted, List.of(actual));
        };
    }

    /** Whether a pod that ended for good was collected since; it is not to run twice. */
    private static boolean hasRun(AppPod pod, Ownership wanted) {
        AppPodStatus status = pod.getStatus();
        return status != null
                && (status.phase() == Phase.SUCCEEDED || status.phase() == Phase.FAILED)
                && wanted.fingerprint().equals(status.fingerprint());
    }

    /** Resolves, verifies, replaces what was there before, and starts. */
    private Next create(AppPod pod, Ownership wanted, List<PodStatus> before) throws InterruptedException {
        Optional<PodStatus> running = before.stream()
                .filter(each -> each.state() instanceof PodState.Running)
                .findFirst();
        Map<String, NodePods.Image> images;
        Map<String, NodePods.Image> volumes;
        try {
            Translation.check(pod.getSpec());
        } catch (AestusException e) {
            return refuse(pod, running, Steps.notTranslated(e), Next.DONE); // only another spec can help
        }
        try {
            images = fetch(pod, running);
            volumes = fetchVolumes(pod);
        } catch (AestusException e) {
            return refuse(pod, running, Steps.notResolved(e), Next.RETRY);
        }
        if (!isStillWanted(wanted)) {
            return Next.DONE; // changed while images were fetched, and queued again by that
        }
        PodUuid uuid;
        try {
            PodSpec spec = Translation.toPod(pod, images, volumes, wanted.labels(generation(pod)));
            before.forEach(each -> owned.end(each, grace(pod)));
            if (running.isPresent()) {
                source.tell(pod, Notice.normal(Reasons.POD_REPLACED, "stopped the pod for the changed spec"));
            }
            uuid = pods.run(spec);
        } catch (AestusException e) {
            removeAborted(wanted.key());
            return refuse(pod, Optional.empty(), Steps.notStarted(both(images, volumes), e), Next.RETRY);
        }
        owned.add(uuid, wanted.key());
        int apps = pod.getSpec().apps().size();
        source.tell(
                pod,
                Notice.normal(Reasons.POD_STARTED, "started " + apps + (apps == 1 ? " app" : " apps") + " as " + uuid));
        return tend(pod, owned.require(uuid));
    }

    /** Why a start failed its AppPod is told. */
    private void removeAborted(PodKey key) {
        owned.of(key).stream()
                .filter(pod -> pod.state() instanceof PodState.Aborted)
                .forEach(pod -> owned.end(pod, Duration.ZERO));
    }

    private Map<String, NodePods.Image> fetch(AppPod pod, Optional<PodStatus> running) throws InterruptedException {
        if (pod.getStatus() == null) {
            report(pod, running, _ -> true, Phase.PENDING, Reasons.RESOLVING, Steps.resolving());
        }
        var images = new LinkedHashMap<String, NodePods.Image>();
        for (AppSpec app : pod.getSpec().apps()) {
            images.put(app.name(), fetches.fetch(app.image()));
        }
        return images;
    }

    private static List<NodePods.Image> both(Map<String, NodePods.Image> apps, Map<String, NodePods.Image> volumes) {
        return Stream.concat(apps.values().stream(), volumes.values().stream()).toList();
    }

    private Map<String, NodePods.Image> fetchVolumes(AppPod pod) throws InterruptedException {
        var images = new LinkedHashMap<String, NodePods.Image>();
        for (VolumeSpec volume : pod.getSpec().volumes()) {
            if (volume.image() != null) {
                images.put(volume.name(), fetches.fetch(volume.image().source()));
            }
        }
        return images;
    }

    /** Cuts fetches short; pods that are being started or stopped are not disturbed. */
    @Override
    public void close() {
        fetches.close();
    }

    private boolean isStillWanted(Ownership wanted) {
        return source.find(wanted.key())
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .map(pod -> Ownership.of(source.name(), pod))
                .filter(wanted::equals)
                .isPresent();
    }

    private List<NodePods.Image> images(PodStatus pod) {
        Stream<ImageId> ofVolumes = pod.manifest().volumes().stream()
                .filter(Volume.Image.class::isInstance)
                .map(volume -> ((Volume.Image) volume).image());
        return Stream.concat(pod.apps().stream().map(AppStatus::image), ofVolumes)
                .distinct()
                .map(pods::image)
                .flatMap(Optional::stream)
                .toList();
    }

    /** Has the executor know the restart policies and readiness probes, stops what has ended for good, and reports. */
    private Next tend(AppPod pod, PodStatus actual) throws InterruptedException {
        PodStatus latest = actual;
        if (actual.state() instanceof PodState.Running && setPolicies(pod, actual)) {
            latest = owned.require(actual.uuid());
        }
        Optional<Boolean> finished = Restarts.finished(pod.getSpec(), latest);
        if (finished.isPresent() && latest.state() instanceof PodState.Running) {
            pods.stop(latest.uuid(), StopOptions.within(grace(pod)));
            latest = owned.require(latest.uuid());
        }
        tellRestarts(pod, latest);
        Set<AcName> ready = latest.apps().stream()
                .filter(AppStatus::isReady)
                .map(AppStatus::name)
                .collect(Collectors.toSet());
        Steps steps = Steps.of(images(latest), latest, finished, ready);
        report(pod, Optional.of(latest), ready::contains, steps.phase(), steps.summary(), steps.all());
        return Next.DONE;
    }

    /** Only a spec that has changed since the pod was made finds something to set. */
    private boolean setPolicies(AppPod pod, PodStatus actual) {
        boolean isChanged = false;
        for (AppStatus app : actual.apps()) {
            RestartPolicy wanted = Restarts.policy(pod.getSpec(), app.name().value());
            if (app.options().restart() != wanted) {
                pods.setRestartPolicy(actual.uuid(), app.name(), wanted);
                isChanged = true;
            }
            Optional<ReadinessProbe> probe = readiness(pod.getSpec(), app);
            if (!app.options().readiness().equals(probe)) {
                pods.setReadiness(actual.uuid(), app.name(), probe);
                isChanged = true;
            }
        }
        return isChanged;
    }

    /** As the spec has it; as it was if the spec names a port that the app that runs has not. */
    private Optional<ReadinessProbe> readiness(AppPodSpec spec, AppStatus app) {
        Optional<NodePods.Image> image = pods.image(app.image());
        try {
            for (AppSpec each : spec.apps()) {
                if (each.name().equals(app.name().value()) && image.isPresent()) {
                    return ReadinessProbes.of(
                            each, app.app().effective(image.get().manifest()));
                }
            }
        } catch (AestusException e) {
            LOG.log(Level.WARNING, "{0}", e.message());
        }
        return app.options().readiness();
    }

    /** Tells of apps that were started more often than the status knows. */
    private void tellRestarts(AppPod pod, PodStatus actual) {
        AppPodStatus before = pod.getStatus();
        if (before == null || !actual.uuid().toString().equals(before.uuid())) {
            return;
        }
        for (AppPodStatus.AppStatus known : before.apps()) {
            actual.apps().stream()
                    .filter(app -> app.name().value().equals(known.name()))
                    .filter(app -> known.restartCount() != null && app.starts() - 1 > known.restartCount())
                    .forEach(app -> source.tell(pod, restarted(app)));
        }
    }

    private static Notice restarted(AppStatus app) {
        return app.state() instanceof AppState.Exited exited
                        && exited.status().ending() instanceof ExitStatus.Ending.NotStarted(String why)
                ? Notice.warning(Reasons.START_FAILED, why)
                : Notice.normal(Reasons.APP_RESTARTED, "started app " + app.name() + " again");
    }

    /** Reports why the spec is not met; what runs for an earlier one is looked after meanwhile. */
    private Next refuse(AppPod pod, Optional<PodStatus> running, List<Step> steps, Next otherwise)
            throws InterruptedException {
        fetches.requireOpen(); // or it failed because it was cut short
        Step refused = Steps.firstRefused(steps);
        if (Steps.before(pod).stream().noneMatch(refused::equals)) {
            source.tell(pod, Notice.warning(refused.reason(), refused.message()));
        }
        Optional<PodStatus> latest = running.map(actual -> owned.require(actual.uuid()));
        report(pod, latest, _ -> true, running.isPresent() ? Phase.RUNNING : Phase.PENDING, refused.reason(), steps);
        return otherwise;
    }

    private void report(
            AppPod pod,
            Optional<PodStatus> actual,
            Predicate<AcName> isReady,
            Phase phase,
            String summary,
            List<Step> steps) {
        AppPodStatus status =
                new StatusReport(pod, actual, pods::image, isReady, clock.instant()).status(phase, summary, steps);
        if (!status.equals(pod.getStatus())) {
            source.report(pod, status);
        }
    }

    private static Duration grace(AppPod pod) {
        Integer seconds = pod.getSpec().terminationGracePeriodSeconds();
        return seconds == null ? DEFAULT_GRACE : Duration.ofSeconds(seconds);
    }

    private static long generation(AppPod pod) {
        Long generation = pod.getMetadata().getGeneration();
        return generation == null ? 0 : generation;
    }
}
