package io.aestus.executor;

import io.aestus.appc.AcName;
import io.aestus.appc.Isolators;
import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import io.aestus.linux.Cgroup;
import io.aestus.linux.CgroupStatistics;
import io.aestus.linux.Cgroups;
import io.aestus.linux.ProcessLauncher;
import io.aestus.network.NetworkSettings;
import io.aestus.network.PodNetworks;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The isolation that is built in: namespaces, cgroups and mounts made by this process itself, with no runtime beside it. Start
 * at {@link PodLauncher} for what a pod is and at {@link AppLauncher} for what an app goes through.
 */
public final class NativeStage1 implements Stage1, AutoCloseable {
    private static final String CGROUP_ROOT = "aestus";
    private static final Duration KILL_LIMIT = Duration.ofSeconds(2);
    private static final Duration REMOVE_LIMIT = Duration.ofSeconds(5);

    private final Cgroups cgroups;
    private final UserRanges userRanges;
    private final PodConnections connections;
    private final PodLauncher pods;
    private final AppLauncher apps;
    private final IsolatorReports reports;
    private final SparePods spares;
    private final Clock clock;

    private NativeStage1(Path directory, ImageTrees images, Supplier<PodNetworks> networks, Clock clock, int spares)
            throws IOException {
        ProcessLauncher launcher = ProcessLauncher.open();
        SecurityLabels labels = SecurityLabels.ofHost();
        this.cgroups = Cgroups.ofHost(CGROUP_ROOT);
        this.userRanges = new UserRanges(directory.resolve("users"));
        this.connections = new PodConnections(images, networks);
        this.reports = new IsolatorReports(labels);
        var shells = new PodShells(launcher, cgroups, userRanges);
        this.spares = new SparePods(
                directory.resolve("spares"),
                spares,
                shells,
                pod -> cgroup(pod, PodOptions.DEFAULT),
                cgroups,
                userRanges);
        this.pods = new PodLauncher(shells, this.spares, connections, reports);
        this.apps = new AppLauncher(
                launcher, cgroups, images, Skeleton.make(directory.resolve("skeleton")), labels, reports);
        this.clock = clock;
    }

    /**
     * Makes this process fit to launch pods; it is non-dumpable from here on.
     *
     * @param directory the data directory, in which {@code users/} says which pod has which users of the host
     * @param networks opens the networks that pods can be in, when the first one needs it
     * @throws IOException where the host lets nobody launch anything safely
     */
    public static NativeStage1 open(Path directory, ImageTrees images, Supplier<PodNetworks> networks, Clock clock)
            throws IOException {
        return open(directory, images, networks, clock, 0);
    }

    /**
     * The same for who starts pods again and again.
     *
     * @param spares how many pods to keep made ahead, for which {@link #newPod} has names. Each is a process of some kilobytes
     */
    public static NativeStage1 open(
            Path directory, ImageTrees images, Supplier<PodNetworks> networks, Clock clock, int spares)
            throws IOException {
        return new NativeStage1(directory, images, networks, clock, spares);
    }

    /** The same with the networks of a node of which nothing is configured. */
    public static NativeStage1 open(Path directory, ImageTrees images, Clock clock) throws IOException {
        return open(directory, images, () -> PodNetworks.of(NetworkSettings.of(directory, List.of())), clock);
    }

    @Override
    public String name() {
        return "native";
    }

    @Override
    public String cgroup(PodUuid pod, PodOptions options) {
        return options.cgroupParent().map(NativeStage1::parent).orElse(CGROUP_ROOT) + "/" + pod;
    }

    /** A path below the root; {@code a-b.slice} means {@code a.slice/a-b.slice}, as systemd has it. */
    private static String parent(String given) {
        String path = given.startsWith("/") ? given.substring(1) : given;
        if (!path.endsWith(".slice") || path.contains("/")) {
            return path.isEmpty() ? CGROUP_ROOT : path;
        }
        var nested = new ArrayList<String>();
        for (int dash = path.indexOf('-'); dash > 0; dash = path.indexOf('-', dash + 1)) {
            nested.add(path.substring(0, dash) + ".slice");
        }
        nested.add(path);
        return String.join("/", nested);
    }

    @Override
    public PodUuid newPod(PodManifest manifest, PodOptions options) {
        return spares.promise(manifest, options).orElseGet(PodUuid::random);
    }

    @Override
    public StartedPod startPod(PodStart pod) throws IOException {
        return pods.start(pod);
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
        List<Cgroup.Unenforced> unenforced =
                cgroups.open(AppLauncher.cgroup(app)).limit(Limits.of(limits));
        return reports.ofChange(limits, unenforced);
    }

    @Override
    public Optional<AppUsage> usage(PodPlace pod, Optional<AcName> app) throws IOException {
        Cgroup cgroup = cgroups.open(pod.cgroup() + app.map(name -> "/" + name).orElse(""));
        return cgroup.exists() ? Optional.of(usage(cgroup.statistics())) : Optional.empty();
    }

    private AppUsage usage(CgroupStatistics statistics) {
        var cpu = statistics.cpu();
        var memory = statistics.memory();
        var block = statistics.blockIo();
        return new AppUsage(
                clock.instant(),
                cpu.map(CgroupStatistics.Cpu::totalNanos).orElse(-1L),
                memory.map(CgroupStatistics.Memory::usedBytes).orElse(-1L),
                memory.map(CgroupStatistics.Memory::workingSetBytes).orElse(-1L),
                memory.map(CgroupStatistics.Memory::anonymousBytes).orElse(-1L),
                memory.map(CgroupStatistics.Memory::pageFaults).orElse(-1L),
                memory.map(CgroupStatistics.Memory::majorPageFaults).orElse(-1L),
                memory.map(CgroupStatistics.Memory::swapBytes).orElse(-1L),
                statistics.processes().orElse(-1),
                block.map(CgroupStatistics.BlockIo::readBytes).orElse(-1L),
                block.map(CgroupStatistics.BlockIo::writtenBytes).orElse(-1L));
    }

    @Override
    public boolean wasOutOfMemory(AppPlace app) throws IOException {
        return cgroups.open(AppLauncher.cgroup(app)).outOfMemoryKills() > 0;
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
    public void killPod(PodPlace pod) throws IOException {
        cgroups.open(pod.cgroup()).kill(KILL_LIMIT);
    }

    @Override
    public void releaseApp(AppPlace app) throws IOException {
        try {
            apps.runPostStop(app);
        } finally {
            Cgroup cgroup = cgroups.open(AppLauncher.cgroup(app));
            cgroup.kill(KILL_LIMIT);
            cgroup.remove(REMOVE_LIMIT);
        }
    }

    /** All that an app has is in its own directory. */
    @Override
    public void discardApp(AppPlace app) {}

    @Override
    public void sweep(Predicate<PodUuid> isLive) throws IOException {
        connections.sweep(isLive);
        spares.sweep(isLive);
    }

    @Override
    public void releasePod(PodPlace pod) throws IOException {
        connections.detach(pod.uuid(), pod.options());
        cgroups.open(pod.cgroup()).remove(REMOVE_LIMIT);
        userRanges.give(
                pod.uuid(),
                pod.record().isEmpty()
                        ? Optional.empty()
                        : Optional.of(PodContext.read(pod.record()).users()).filter(range -> range.isPrivate()));
    }

    /** How many pods made ahead nobody has taken yet. */
    public int sparePods() {
        return spares.ready();
    }

    /** Ends the pods made ahead that nobody took. */
    @Override
    public void close() throws IOException {
        spares.close();
    }
}
