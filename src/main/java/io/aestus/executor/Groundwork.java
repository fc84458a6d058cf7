package io.aestus.executor;

import io.aestus.appc.ImageId;
import io.aestus.linux.Cgroups;
import io.aestus.linux.ProcessLauncher;
import io.aestus.network.PodNetworks;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.function.Supplier;

/**
 * What every isolation on this host builds on.
 *
 * @param directory the data directory
 * @param users which users of the host belong to which pod
 * @param skeleton the lowest layer of every root
 * @param labels what this host knows of SELinux and AppArmor
 */
record Groundwork(
        Path directory,
        ProcessLauncher launcher,
        Cgroups cgroups,
        UserRanges users,
        PodConnections connections,
        ImageTrees images,
        Path skeleton,
        SecurityLabels labels,
        IsolatorReports reports,
        ReadyDevices readyDevices,
        ReadyApps readyApps,
        Clock clock) {
    static final String CGROUP_ROOT = "aestus";

    /**
     * Makes this process fit to launch pods; it is non-dumpable from here on.
     *
     * @throws IOException where the host lets nobody launch anything safely
     */
    static Groundwork lay(Path directory, ImageTrees images, Supplier<PodNetworks> networks, Clock clock)
            throws IOException {
        return lay(ProcessLauncher.open(), directory, images, networks, clock);
    }

    /** The same with launches of somebody's own. */
    static Groundwork lay(
            ProcessLauncher launcher, Path directory, ImageTrees images, Supplier<PodNetworks> networks, Clock clock)
            throws IOException {
        SecurityLabels labels = SecurityLabels.ofHost();
        HostProcess.oomScoreToRestore(); // reads what later would fail in the middle of a launch
        return new Groundwork(
                directory,
                launcher,
                Cgroups.ofHost(CGROUP_ROOT),
                new UserRanges(directory.resolve("users"), UserBlocks.ofHost(directory)),
                new PodConnections(directory, images, networks),
                images,
                Skeleton.make(directory.resolve("skeleton")),
                labels,
                new IsolatorReports(labels),
                new ReadyDevices(),
                new ReadyApps(directory),
                clock);
    }

    /** What an app is to be, by its pod and its image. */
    Stage1.Definition define(Stage1.AppPlace app) throws IOException {
        ImageId image = app.app().image().id().orElseThrow();
        return Stage1.Definition.of(app.app(), images.manifest(image));
    }
}
