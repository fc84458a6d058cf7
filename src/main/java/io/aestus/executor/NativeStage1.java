package io.aestus.executor;

import io.aestus.appc.PodUuid;
import io.aestus.network.NetworkSettings;
import io.aestus.network.PodNetworks;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The isolation that is built in: namespaces, cgroups and mounts made by this process itself, with no runtime beside it. Start
 * at {@link PodLauncher} for what a pod is and at {@link AppLauncher} for what an app goes through.
 */
public final class NativeStage1 extends CgroupStage1 implements AutoCloseable {
    private final SessionLauncher sessions;
    private final SparePods spares;
    private final PodLauncher pods;

    /** @param spares how many pods to keep made ahead */
    NativeStage1(Groundwork ground, int spares) throws IOException {
        this(ground, new AppLauncher(ground), spares);
    }

    private NativeStage1(Groundwork ground, AppLauncher apps, int spares) throws IOException {
        super(ground, apps);
        this.sessions = apps.sessions();
        var shells = new PodShells(ground);
        Function<PodUuid, String> usualCgroup = pod -> cgroup(pod, PodOptions.DEFAULT);
        var maker = new SpareMaker(shells, usualCgroup, apps::ready, ground);
        this.spares = new SparePods(spares, maker, usualCgroup, ground);
        this.pods = new PodLauncher(shells, this.spares::take, ground);
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
        return new NativeStage1(Groundwork.lay(directory, images, networks, clock), 0);
    }

    /** The same with the networks of a node of which nothing is configured. */
    public static NativeStage1 open(Path directory, ImageTrees images, Clock clock) throws IOException {
        return open(directory, images, clock, 0);
    }

    /** The same, keeping some pods made ahead. */
    public static NativeStage1 open(Path directory, ImageTrees images, Clock clock, int spares) throws IOException {
        var ground = Groundwork.lay(
                directory, images, () -> PodNetworks.of(NetworkSettings.of(directory, List.of())), clock);
        return new NativeStage1(ground, spares);
    }

    @Override
    public String name() {
        return new Stage1Name.Native().toString();
    }

    @Override
    public PodUuid newPod(PodSpec spec) {
        return spares.promise(spec).orElseGet(PodUuid::random);
    }

    @Override
    public void forgo(PodUuid pod) {
        spares.forgo(pod);
    }

    @Override
    public void releasePod(PodPlace pod) throws IOException {
        spares.discard(pod.uuid());
        super.releasePod(pod);
    }

    @Override
    public StartedPod startPod(PodStart pod) throws IOException {
        return pods.start(pod);
    }

    @Override
    public boolean prepareExec(AppPlace app, String session) throws IOException {
        return sessions.prepare(app, session);
    }

    @Override
    public void sweep(Predicate<PodUuid> isLive) throws IOException {
        super.sweep(isLive);
        spares.sweep(isLive);
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
