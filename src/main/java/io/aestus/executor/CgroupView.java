package io.aestus.executor;

import io.aestus.linux.CgroupLayout;
import io.aestus.linux.ChildMounts;
import io.aestus.linux.Directory;
import io.aestus.linux.Fd;
import io.aestus.linux.MountAttribute;
import io.aestus.linux.MountChange;
import io.aestus.linux.Mounts;
import io.aestus.linux.NewFileSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What an app sees in {@code /sys/fs/cgroup} where limits are set by cgroup v1, if it asks for that: a directory for each
 * hierarchy that it is in, which is its own cgroup there, read-only. Copies of these mounts of the host's take less than a
 * tenth of the time that mounts of the app's own cgroup namespace take; its namespace makes them look the same.
 */
final class CgroupView implements AutoCloseable {
    private static final String PLACE = "/sys/fs/cgroup";
    private static final MountAttribute[] ATTRIBUTES = {
        MountAttribute.NOSUID, MountAttribute.NODEV, MountAttribute.NOEXEC, MountAttribute.RDONLY
    };
    private static final int PERMISSIONS = 0755;

    private final Cleanup owned = new Cleanup();
    /** By where they are attached, the lowest first. */
    private final Map<String, Fd> mounts = new LinkedHashMap<>();

    private CgroupView() {}

    /** For an app that does not ask. */
    static CgroupView none() {
        return new CgroupView();
    }

    /** @param cgroup the path of the app's cgroup, which is there */
    static CgroupView open(CgroupLayout layout, String cgroup) throws IOException {
        var view = new CgroupView();
        try {
            view.add(layout, cgroup);
            return view;
        } catch (IOException e) {
            view.close();
            throw e;
        }
    }

    private void add(CgroupLayout layout, String cgroup) throws IOException {
        try (var tmpfs = NewFileSystem.open("tmpfs")
                .with("source", "cgroup")
                .with("mode", "0755")
                .with("size", "64k")) {
            Fd tree = owned.owns(tmpfs.mount(EnumSet.noneOf(MountAttribute.class)));
            mounts.put(PLACE, tree);
            Directory directory = Directory.of(tree);
            Set<Path> seen = new HashSet<>();
            for (var hierarchy : layout.v1().entrySet()) {
                Path root = hierarchy.getValue();
                Path own = root.resolve(cgroup);
                String name = root.getFileName().toString();
                if (Files.isDirectory(own) && seen.add(root)) {
                    directory.makeDirectory(name, PERMISSIONS);
                    mounts.put(PLACE + "/" + name, readOnly(own));
                }
                if (seen.contains(root) && !name.equals(hierarchy.getKey())) {
                    directory.makeSymbolicLink(hierarchy.getKey(), name);
                }
            }
            Mounts.change(tree, MountChange.setting(ATTRIBUTES));
        }
    }

    private Fd readOnly(Path cgroup) throws IOException {
        Fd copy = owned.owns(Mounts.clone(cgroup, MountChange.Depth.THIS_MOUNT));
        Mounts.change(copy, MountChange.setting(ATTRIBUTES));
        return copy;
    }

    /** Adds the steps by which a child attaches it in its root. */
    void addTo(ChildMounts child) {
        mounts.forEach((place, mount) -> child.attach(mount, place, "mount cgroup on " + place));
    }

    @Override
    public void close() throws IOException {
        owned.close();
    }
}
