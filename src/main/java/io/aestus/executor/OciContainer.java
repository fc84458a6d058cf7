package io.aestus.executor;

import io.aestus.appc.ResolvedMount;
import io.aestus.executor.Stage1.AppPlace;
import io.aestus.linux.CgroupLayout;
import io.aestus.linux.ChildMounts;
import io.aestus.linux.DeviceRule;
import io.aestus.linux.Directory;
import io.aestus.linux.Fd;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What of a container we make ourselves: its root, an overlay over the layers of the image as the pod's users see them, and its
 * volumes; as detached mounts, which a run of the runtime attaches to its {@linkplain OciDesk desk}. Used up by one run.
 */
final class OciContainer implements AutoCloseable {
    private final AppSetting setting;
    private final List<DeviceRule> rules;
    private final AppRoot root;
    private final List<ResolvedMount> volumes;
    private final List<Fd> trees;
    private final CgroupView cgroups;

    private OciContainer(
            AppSetting setting,
            List<DeviceRule> rules,
            AppRoot root,
            List<ResolvedMount> volumes,
            List<Fd> trees,
            CgroupView cgroups) {
        this.setting = setting;
        this.rules = rules;
        this.root = root;
        this.volumes = List.copyOf(volumes);
        this.trees = List.copyOf(trees);
        this.cgroups = cgroups;
    }

    /**
     * Puts it together. Its cgroup is there.
     *
     * @param rules which devices it may use
     * @param undo removes what was made on disk
     */
    static OciContainer assemble(AppSetting setting, List<DeviceRule> rules, CgroupLayout layout, Cleanup undo)
            throws IOException {
        AppPlace place = setting.place();
        AppRoot root = AppRoot.assemble(
                setting.layers(),
                setting.rootSource(),
                place.directory(),
                setting.range(),
                setting.users(),
                setting.fileLabel(),
                undo);
        try {
            setting.makeWorkingDirectory(root);
            List<ResolvedMount> volumes = setting.allMounts();
            var source = new AppVolumes(setting, setting.content(root));
            var trees = new ArrayList<Fd>();
            for (ResolvedMount volume : volumes) {
                trees.add(root.owns(source.open(volume)));
            }
            return new OciContainer(setting, rules, root, volumes, trees, CgroupView.of(layout, setting));
        } catch (IOException | RuntimeException e) {
            root.close();
            throw e;
        }
    }

    AppSetting setting() {
        return setting;
    }

    Confinement confinement(SecurityLabels labels, List<String> unknownCalls) throws IOException {
        var label = labels.of(setting.app().isolators(), setting.podIsolators());
        return setting.confinement(root, label, unknownCalls);
    }

    OciConfig config(Confinement confinement, OciManner manner) {
        return new OciConfig(setting, confinement, volumes, rules, cgroups.paths(), manner);
    }

    /** Makes the places on a desk where its volumes, and what it sees of cgroups, will be. */
    void makePlaces(Directory desk) throws IOException {
        desk.makeDirectories(OciConfig.CGROUP, 0755);
        for (int i = 0; i < trees.size(); i++) {
            if (trees.get(i).status().isDirectory()) {
                desk.makeDirectory(OciConfig.volume(i), 0755);
            } else {
                desk.createFile(OciConfig.volume(i), 0644).close();
            }
        }
    }

    /** Adds the steps by which a child attaches all of it to a desk, as far as a runtime of that manner wants it. */
    void addTo(ChildMounts mounts, OciManner manner) {
        root.addTo(mounts, OciDesk.path(OciDesk.ROOT), Optional.empty());
        for (int i = 0; i < trees.size(); i++) {
            mounts.attach(
                    trees.get(i),
                    OciDesk.path(OciConfig.volume(i)),
                    "attach volume " + volumes.get(i).volume().name());
        }
        if (!manner.mountsCgroups()) {
            cgroups.addTo(mounts, OciDesk.path(OciConfig.CGROUP));
        }
    }

    @Override
    public void close() throws IOException {
        try {
            cgroups.close();
        } finally {
            root.close();
        }
    }
}
