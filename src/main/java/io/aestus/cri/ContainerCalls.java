package io.aestus.cri;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.AcName;
import io.aestus.appc.App;
import io.aestus.appc.Isolators;
import io.aestus.appc.PodUuid;
import io.aestus.cri.v1.CheckpointContainerRequest;
import io.aestus.cri.v1.Container;
import io.aestus.cri.v1.ContainerConfig;
import io.aestus.cri.v1.ContainerFilter;
import io.aestus.cri.v1.ContainerStats;
import io.aestus.cri.v1.ContainerStatsFilter;
import io.aestus.cri.v1.LinuxContainerResources;
import io.aestus.cri.v1.NamespaceMode;
import io.aestus.cri.v1.NamespaceOption;
import io.aestus.executor.AppSpec;
import io.aestus.executor.AppState;
import io.aestus.executor.AppStatus;
import io.aestus.executor.CheckpointSpec;
import io.aestus.executor.PodState;
import io.aestus.executor.PodStatus;
import io.aestus.executor.StopOptions;
import io.aestus.store.StoredImage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** The life of containers. Thread-safe. */
final class ContainerCalls {
    /** The interface leaves to us what a timeout of 0 means. */
    private static final Duration CHECKPOINT_LIMIT = Duration.ofMinutes(2);

    private final Pods pods;
    private final Overview overview;
    private final SandboxCalls sandboxes;
    private final NodeImages images;
    private final CdiSpecs devices;
    private final Figures figures;
    private final NameLocks names = new NameLocks();

    ContainerCalls(
            Pods pods,
            Overview overview,
            SandboxCalls sandboxes,
            NodeImages images,
            CdiSpecs devices,
            Figures figures) {
        this.pods = pods;
        this.overview = overview;
        this.sandboxes = sandboxes;
        this.images = images;
        this.devices = devices;
        this.figures = figures;
    }

    /** An app with the pod it is in. */
    record Found(PodStatus pod, AppStatus app) {
        private static Found of(Overview.Member container) {
            return new Found(container.pod(), container.app());
        }

        PodUuid uuid() {
            return pod.uuid();
        }

        AcName name() {
            return app.name();
        }
    }

    private record Name(PodUuid pod, AcName app) {}

    /** Creates a container, or finds the one that an earlier attempt at the same call has made. */
    ContainerId create(String sandbox, ContainerConfig config) throws InterruptedException {
        PodUuid pod = sandboxes.require(sandbox).uuid();
        AcName name = Containers.appName(config.getMetadata());
        try (var _ = names.hold(new Name(pod, name))) {
            PodStatus now = sandboxes.require(sandbox);
            Optional<AppStatus> earlier = now.app(name);
            if (earlier.isEmpty()) {
                pods.addApp(pod, spec(config, now));
            } else if (!ContainerReports.isContainer(earlier.get())
                    || !ContainerReports.nameOf(earlier.get()).equals(config.getMetadata())) {
                throw new AestusException(
                        Problem.CONFLICT,
                        "cannot create container "
                                + Quoted.of(config.getMetadata().getName()) + ": its sandbox has app " + name
                                + " of another name");
            }
            return ContainerId.of(pod, name);
        }
    }

    private AppSpec spec(ContainerConfig config, PodStatus sandbox) {
        String wanted = config.getImage().getImage();
        StoredImage image = images.find(wanted)
                .orElseThrow(() -> new AestusException(
                        Problem.NOT_FOUND,
                        "cannot create container "
                                + Quoted.of(config.getMetadata().getName()) + ": image " + Quoted.of(wanted)
                                + " is not in the store"));
        var id = ContainerId.of(sandbox.uuid(), Containers.appName(config.getMetadata()));
        var around = new Surroundings(
                sandbox.options().userNamespace(),
                images,
                companion(config, sandbox),
                devices.edits(config).of(id));
        return Containers.toApp(config, image, around);
    }

    /** The app among whose processes a container shall be. */
    private Optional<AcName> companion(ContainerConfig config, PodStatus sandbox) {
        NamespaceOption namespaces = config.getLinux().getSecurityContext().getNamespaceOptions();
        if (namespaces.getPid() != NamespaceMode.TARGET) {
            return Optional.empty();
        }
        Found target = find(namespaces.getTargetId())
                .filter(found -> found.uuid().equals(sandbox.uuid()))
                .orElseThrow(() -> new AestusException(
                        Problem.INVALID,
                        "cannot create container: field target_id: its sandbox has no container "
                                + Quoted.of(namespaces.getTargetId())));
        if (!(target.app().state() instanceof AppState.Running)) {
            throw new AestusException(
                    Problem.CONFLICT,
                    "cannot create container among the processes of container " + Quoted.of(namespaces.getTargetId())
                            + ": it does not run");
        }
        return Optional.of(target.name());
    }

    /** Starts a container once; what fails to start has ended. */
    void start(String id) {
        Found container = require(id);
        if (!(container.app().state() instanceof AppState.Created)) {
            throw new AestusException(
                    Problem.CONFLICT, "cannot start container " + Quoted.of(id) + ": it has been started before");
        }
        if (!(container.pod().state() instanceof PodState.Running)) {
            throw new AestusException(
                    Problem.CONFLICT, "cannot start container " + Quoted.of(id) + ": its sandbox does not run");
        }
        pods.startApp(container.uuid(), container.name());
    }

    /** Ends a container and waits for it. One that is not there has ended. */
    void stop(String id, Duration grace) {
        find(id).ifPresent(container -> pods.stopApp(container.uuid(), container.name(), StopOptions.within(grace)));
    }

    /** Kills a container if it runs, and removes it. One that is not there has been removed. */
    void remove(String id) {
        find(id).ifPresent(container -> pods.removeApp(container.uuid(), container.name()));
    }

    /** Gives a container other limits; those that are not asked for stay. */
    void resize(String id, LinuxContainerResources wanted) {
        Found container = require(id);
        Isolators before = container.app().app().app().map(App::isolators).orElse(Isolators.NONE);
        var changed = new Isolators(Confinement.resources(wanted, before).all().stream()
                .filter(isolator -> !before.all().contains(isolator))
                .toList());
        if (!changed.isEmpty()) {
            pods.limit(container.uuid(), container.name(), changed);
        }
    }

    void reopenLog(String id) {
        Found container = require(id);
        if (!(container.app().state() instanceof AppState.Running)) {
            throw new AestusException(
                    Problem.CONFLICT, "cannot reopen the log of container " + Quoted.of(id) + ": it does not run");
        }
        pods.log(container.uuid(), container.name()).reopen();
    }

    /** Writes a container down, which runs on. */
    void checkpoint(CheckpointContainerRequest request) throws InterruptedException, TimeoutException {
        String id = request.getContainerId();
        Found container = require(id);
        if (request.getLocation().isEmpty() || request.getTimeout() < 0) {
            throw new AestusException(
                    Problem.INVALID,
                    "cannot checkpoint container " + Quoted.of(id) + ": field "
                            + (request.getTimeout() < 0 ? "timeout: it is negative" : "location: it is empty"));
        }
        pods.checkpoint(
                container.uuid(),
                container.name(),
                new CheckpointSpec(
                        Path.of(request.getLocation()),
                        request.getTimeout() == 0 ? CHECKPOINT_LIMIT : Duration.ofSeconds(request.getTimeout()),
                        ContainerId.of(container.uuid(), container.name()).text(),
                        ContainerReports.nameOf(container.app()).getName(),
                        Kept.IMAGE.in(container.app().options().annotations()),
                        container.app().created(),
                        Kept.without(container.app().options().annotations())));
    }

    List<Container> list(ContainerFilter filter) {
        return matching(filter.getId(), filter.getPodSandboxId(), filter.getLabelSelectorMap())
                .map(Overview.Member::told)
                .filter(told -> !filter.hasState() || filter.getState().getState() == told.getState())
                .toList();
    }

    ContainerStats stats(String id) throws InterruptedException {
        return stats(require(id), DiskMeter.deadline());
    }

    /** Only of those that run: one that ended meanwhile must not spoil the others. */
    List<ContainerStats> listStats(ContainerStatsFilter filter) throws InterruptedException {
        List<Found> running = matching(filter.getId(), filter.getPodSandboxId(), filter.getLabelSelectorMap())
                .filter(c -> c.app().state() instanceof AppState.Running)
                .map(Found::of)
                .toList();
        var stats = new ArrayList<ContainerStats>();
        long deadline = DiskMeter.deadline();
        for (Found container : running) {
            stats.add(stats(container, deadline));
        }
        return stats;
    }

    private ContainerStats stats(Found container, long deadline) throws InterruptedException {
        return figures.of(container.pod(), container.app(), deadline);
    }

    private Stream<Overview.Member> matching(String id, String sandbox, Map<String, String> labels) {
        return all().filter(c -> c.told().getId().startsWith(id))
                .filter(c -> c.told().getPodSandboxId().startsWith(sandbox))
                .filter(c -> SandboxCalls.matches(c.app().options().labels(), labels));
    }

    private Stream<Overview.Member> all() {
        return overview.sandboxes().stream().flatMap(sandbox -> sandbox.containers().stream());
    }

    private static Stream<AppStatus> containersOf(PodStatus pod) {
        return pod.apps().stream().filter(ContainerReports::isContainer);
    }

    /** @throws AestusException {@link Problem#NOT_FOUND} */
    Found require(String id) {
        return find(id).orElseThrow(() ->
                new AestusException(Problem.NOT_FOUND, "cannot find container " + Quoted.of(id) + ": there is none"));
    }

    /** The container of this ID, or the only one whose ID begins so. */
    private Optional<Found> find(String id) {
        Optional<ContainerId> whole = ContainerId.parse(id);
        if (whole.isPresent()) {
            return sandboxes.find(whole.get().pod().toString()).flatMap(pod -> containersOf(pod)
                    .filter(app -> whole.get().isOf(app.name()))
                    .map(app -> new Found(pod, app))
                    .findFirst());
        }
        List<Found> found = all().filter(c -> !id.isEmpty() && c.told().getId().startsWith(id))
                .map(Found::of)
                .toList();
        if (found.size() > 1) {
            throw new AestusException(
                    Problem.INVALID, "cannot find container " + Quoted.of(id) + ": " + found.size() + " begin so");
        }
        return found.stream().findFirst();
    }
}
