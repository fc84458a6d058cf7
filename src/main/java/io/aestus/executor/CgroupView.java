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
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What an app sees in {@code /sys/fs/cgroup} where limits are set by cgroup v1, if it asks for that: a directory for each
 * hierarchy that it is in, which is its own cgroup there, read-only. Copies of these mounts of the host's take less than a
 * tenth of the time that mounts of the app's own cgroup namespace take; its namespace makes them look the same.
 */
final class CgroupView implements AutoCloseable {
    static final String PLACE = "/sys/fs/cgroup";
    private static final MountAttribute[] ATTRIBUTES = {
        MountAttribute.NOSUID, MountAttribute.NODEV, MountAttribute.NOEXEC, MountAttribute.RDONLY
    };
    private static final int PERMISSIONS = 0755;

    private final Cleanup owned = new Cleanup();
    /** By where they are attached below its place, the lowest first. */
    private final Map<String, Fd> mounts = new LinkedHashMap<>();

    private CgroupView() {}

    /** Of version 1, for an app that asks; empty for others. Its cgroup is there. */
    static CgroupView ofVersion1(CgroupLayout layout, AppSetting setting) throws IOException {
        var view = new CgroupView();
        try {
            if (setting.definition().annotations().wantsCgroupFiles()
                    && !layout.v1().isEmpty()) {
                view.add(layout, AppLauncher.cgroup(setting.place()));
            }
            return view;
        } catch (IOException e) {
            view.close();
            throw e;
        }
    }

    /** Likewise; and of version 2 for every app, as a mount of its own cgroup namespace would be. */
    static CgroupView of(CgroupLayout layout, AppSetting setting) throws IOException {
        if (layout.mode() != CgroupLayout.Mode.UNIFIED) {
            return ofVersion1(layout, setting);
        }
        var view = new CgroupView();
        view.mounts.put("", view.readOnly(layout.unified().orElseThrow().resolve(AppLauncher.cgroup(setting.place()))));
        return view;
    }

    /** Where there is a mount, below its place; the lowest first. */
    List<String> paths() {
        return List.copyOf(mounts.keySet());
    }

    private void add(CgroupLayout layout, String cgroup) throws IOException {
        try (var tmpfs = NewFileSystem.open("tmpfs")
                .with("source", "cgroup")
                .with("mode", "0755")
                .with("size", "64k")) {
            Fd tree = owned.owns(tmpfs.mount(EnumSet.noneOf(MountAttribute.class)));
            mounts.put("", tree);
            Directory directory = Directory.of(tree);
            Set<Path> seen = new HashSet<>();
            for (var hierarchy : layout.v1().entrySet()) {
                Path root = hierarchy.getValue();
                Path own = root.resolve(cgroup);
                String name = root.getFileName().toString();
                if (Files.isDirectory(own) && seen.add(root)) {
                    directory.makeDirectory(name, PERMISSIONS);
                    mounts.put("/" + name, readOnly(own));
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

    /** Adds the steps by which a child attaches it. */
    void addTo(ChildMounts child, String place) {
        mounts.forEach((path, mount) -> child.attach(mount, place + path, "mount cgroup on " + place + path));
    }

    @Override
    public void close() throws IOException {
        owned.close();
    }
}
