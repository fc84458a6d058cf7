package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.appc.AcName;
import io.aestus.appc.Isolators;
import io.aestus.appc.PodUuid;
import io.aestus.linux.Cgroup;
import io.aestus.linux.CgroupLimits;
import io.aestus.linux.Cgroups;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What all isolations on this host have in common: the processes of pods and apps are limited, measured, found and ended by
 * their cgroups, whoever started them.
 */
abstract class CgroupStage1 implements Stage1 {
    private static final System.Logger LOG = System.getLogger("io.aestus.executor");
    private static final String SLICE = ".slice";
    private static final String SCOPE_OF = SLICE + ":";
    static final Duration KILL_LIMIT = Duration.ofSeconds(2);
    /** Older than this, a cgroup without a process is not just being made, be it for a pod of another data directory. */
    private static final Duration SETTLED = Duration.ofMinutes(1);

    private static final Duration FREEZE_LIMIT = Duration.ofSeconds(5);
    static final Duration REMOVE_LIMIT = Duration.ofSeconds(5);

    private final Groundwork ground;
    private final AppStarter apps;
    private final Path directory;
    private final Cgroups cgroups;
    private final UserRanges userRanges;
    private final PodConnections connections;
    private final IsolatorReports reports;
    private final ImageTrees images;
    private final Clock clock;

    /** @param apps starts them, and what is executed in them */
    CgroupStage1(Groundwork ground, AppStarter apps) {
        this.ground = ground;
        this.apps = apps;
        this.directory = ground.directory();
        this.cgroups = ground.cgroups();
        this.userRanges = ground.users();
        this.connections = ground.connections();
        this.reports = ground.reports();
        this.images = ground.images();
        this.clock = ground.clock();
    }

    @Override
    public String cgroup(PodUuid pod, PodOptions options) {
        String given = options.cgroupParent().orElse(Groundwork.CGROUP_ROOT);
        int colon = given.indexOf(SCOPE_OF);
        return colon < 0
                ? parent(given) + "/" + pod
                : parent(given.substring(0, colon + SLICE.length())) + "/" + given.substring(colon + SCOPE_OF.length())
                        + "-" + pod + ".scope";
    }

    /** A path below the root; {@code a-b.slice} means {@code a.slice/a-b.slice}, as systemd has it. */
    private static String parent(String given) {
        String path = given.startsWith("/") ? given.substring(1) : given;
        if (!path.endsWith(SLICE) || path.contains("/")) {
            return path.isEmpty() ? Groundwork.CGROUP_ROOT : path;
        }
        var nested = new ArrayList<String>();
        for (int dash = path.indexOf('-'); dash > 0; dash = path.indexOf('-', dash + 1)) {
            nested.add(path.substring(0, dash) + SLICE);
        }
        nested.add(path);
        return String.join("/", nested);
    }

    @Override
    public StartedApp startApp(AppStart app) throws IOException {
        return apps.start(app);
    }

    @Override
    public StartedProcess exec(ExecStart exec) throws IOException {
        return apps.exec(exec);
    }

    @Override
    public List<IsolatorReport> limit(AppPlace app, Isolators limits) throws IOException {
        return reports.ofChange(limits, limit(cgroups.open(AppLauncher.cgroup(app)), Limits.of(limits)));
    }

    /** Limits the cgroup of an app, and says what is not enforced. */
    List<Cgroup.Unenforced> limit(Cgroup cgroup, CgroupLimits limits) throws IOException {
        return cgroup.limit(limits);
    }

    @Override
    public Definition define(AppPlace app) throws IOException {
        return ground.define(app);
    }

    @Override
    public Optional<AppFiles> stoppedFiles(AppPlace app) throws IOException {
        return Optional.of(StoppedRoot.open(app, images));
    }

    @Override
    public Optional<AppUsage> usage(PodPlace pod, Optional<AcName> app) throws IOException {
        Cgroup cgroup = cgroups.open(pod.cgroup() + app.map(name -> "/" + name).orElse(""));
        return cgroup.exists() ? Optional.of(new AppUsage(clock.instant(), cgroup.statistics())) : Optional.empty();
    }

    @Override
    public boolean wasOutOfMemory(AppPlace app) throws IOException {
        return cgroups.open(AppLauncher.cgroup(app)).outOfMemoryKills() > 0;
    }

    @Override
    public List<Long> processes(AppPlace app) throws IOException {
        return cgroups.open(AppLauncher.cgroup(app)).processes();
    }

    @Override
    public void killApp(AppPlace app) throws IOException {
        cgroups.open(AppLauncher.cgroup(app)).kill(KILL_LIMIT);
    }

    @Override
    public void killExec(AppPlace app, String session) throws IOException {
        cgroups.open(AppLauncher.cgroup(app)).part(session).kill();
    }

    @Override
    public void releaseExec(AppPlace app, String session) throws IOException {
        cgroups.open(AppLauncher.cgroup(app)).part(session).removeIfEmpty();
    }

    @Override
    public void pausePod(PodPlace pod) throws IOException {
        cgroups.open(pod.cgroup()).freeze(FREEZE_LIMIT);
    }

    @Override
    public void resumePod(PodPlace pod) throws IOException {
        cgroups.open(pod.cgroup()).thaw();
    }

    @Override
    public void killPod(PodPlace pod) throws IOException {
        ground.readyApps().discard(pod.uuid());
        cgroups.open(pod.cgroup()).kill(KILL_LIMIT);
    }

    @Override
    public void releaseApp(AppPlace app, HandlerOutput output) throws IOException {
        try {
            apps.runPostStop(app, output);
        } catch (AestusException | IOException e) {
            LOG.log(
                    Level.WARNING,
                    "app {0} of pod {1}: {2}",
                    app.name(),
                    app.pod().uuid(),
                    e.getMessage());
        } finally {
            Cgroup cgroup = cgroups.open(AppLauncher.cgroup(app));
            cgroup.kill(KILL_LIMIT);
            cgroup.remove(REMOVE_LIMIT);
        }
    }

    /** All that an app has is in its own directory. */
    @Override
    public void discardApp(AppPlace app) throws IOException {}

    /**
     * What a crash left: attachments to networks, users, and cgroups. Only cgroups at the usual place: others have an owner,
     * such as a kubelet, who cleans up there.
     */
    @Override
    public void sweep(Predicate<PodUuid> isLive) throws IOException {
        Predicate<PodUuid> isGone = pod -> !SparePods.isMarked(directory, pod) && !isLive.test(pod); // in this order
        ground.readyApps().sweep(isGone);
        connections.sweep(isGone.negate());
        userRanges.sweep(isGone);
        List<String> swept = cgroups.sweep(
                Groundwork.CGROUP_ROOT,
                name -> PodUuid.isOne(name) && isGone.test(PodUuid.parse(name)),
                SETTLED,
                REMOVE_LIMIT);
        if (!swept.isEmpty()) {
            LOG.log(Level.DEBUG, "removed cgroups that were left of pods {0}", swept);
        }
    }

    @Override
    public void releasePod(PodPlace pod) throws IOException {
        ground.readyDevices().discard(pod.uuid());
        connections.detach(pod.uuid(), pod.options());
        cgroups.open(pod.cgroup()).remove(REMOVE_LIMIT);
        userRanges.give(
                pod.uuid(),
                pod.record().isEmpty()
                        ? Optional.empty()
                        : Optional.of(PodContext.read(pod.record()).users()).filter(range -> range.isPrivate()));
    }
}
