package io.aestus.appc;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * What a pod's volumes and mounts and an app's mount points say together. A mount of the pod fills the mount point at its
 * path; any other mount point is filled by the pod's volume of its name, else by an empty directory of the app's own.
 */
public final class Mounts {
    private Mounts() {}

    /**
     * All mounts of one app.
     *
     * @param app as the pod has it
     * @param effective how it is executed, see {@link RuntimeApp#effective}
     * @param volumes the pod's
     * @return outer paths before the paths within them
     * @throws AestusException {@link Problem#INVALID} if a volume is unknown or two mounts have one path
     */
    public static List<ResolvedMount> resolve(RuntimeApp app, App effective, List<Volume> volumes) {
        var points = new HashMap<AbsolutePath, MountPoint>();
        for (MountPoint point : effective.mountPoints()) {
            if (points.put(point.path(), point) != null) {
                throw refused(app, "two mount points at " + point.path());
            }
        }
        var resolved = new ArrayList<ResolvedMount>();
        var taken = new HashSet<AbsolutePath>();
        for (Mount mount : app.mounts()) {
            if (!taken.add(mount.path())) {
                throw refused(app, "two mounts at " + mount.path());
            }
            boolean readOnly = Optional.ofNullable(points.get(mount.path()))
                    .map(MountPoint::readOnly)
                    .orElse(false);
            resolved.add(resolved(app, mount, readOnly, volumes));
        }
        for (MountPoint point : effective.mountPoints()) {
            if (!taken.contains(point.path())) {
                resolved.add(resolved(app, point, volumes));
            }
        }
        resolved.sort(Comparator.comparing(ResolvedMount::path));
        return List.copyOf(resolved);
    }

    private static ResolvedMount resolved(RuntimeApp app, Mount mount, boolean readOnly, List<Volume> volumes) {
        if (mount.appVolume().isPresent()) {
            Volume own = mount.appVolume().get();
            return new ResolvedMount(own, mount.path(), readOnly || own.readOnly(), ResolvedMount.Origin.APP);
        }
        Volume volume = find(volumes, mount.volume()).orElseThrow(() -> refused(
                        app, "no volume " + mount.volume() + " for " + mount.path() + ": the pod has " + names(volumes))
                .withRemedy("a volume " + mount.volume() + " of the pod, or no mount of it"));
        return new ResolvedMount(volume, mount.path(), readOnly || volume.readOnly(), ResolvedMount.Origin.POD);
    }

    private static ResolvedMount resolved(RuntimeApp app, MountPoint point, List<Volume> volumes) {
        Optional<Volume> volume = find(volumes, point.name());
        if (volume.isPresent()) {
            boolean readOnly = point.readOnly() || volume.get().readOnly();
            return new ResolvedMount(volume.get(), point.path(), readOnly, ResolvedMount.Origin.POD);
        }
        var empty = Volume.Empty.named(new AcName(app.name() + "-" + point.name()));
        return new ResolvedMount(empty, point.path(), point.readOnly(), ResolvedMount.Origin.IMPLICIT);
    }

    /**
     * Refuses mounts that lie within each other, as the specification advises.
     *
     * @throws AestusException {@link Problem#INVALID} naming the first such pair
     */
    public static void requireDisjoint(List<ResolvedMount> mounts) {
        for (ResolvedMount outer : mounts) {
            for (ResolvedMount inner : mounts) {
                if (!outer.equals(inner) && outer.path().covers(inner.path())) {
                    throw new AestusException(
                            Problem.INVALID, "cannot mount volumes: " + inner.path() + " lies within " + outer.path());
                }
            }
        }
    }

    private static Optional<Volume> find(List<Volume> volumes, AcName name) {
        return volumes.stream().filter(volume -> volume.name().equals(name)).findFirst();
    }

    private static String names(List<Volume> volumes) {
        return volumes.isEmpty()
                ? "none"
                : volumes.stream().map(Volume::name).toList().toString();
    }

    private static AestusException refused(RuntimeApp app, String reason) {
        return new AestusException(Problem.INVALID, "cannot mount volumes of " + app.name() + ": " + reason);
    }
}
