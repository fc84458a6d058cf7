package io.aestus.cri;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.AbsolutePath;
import io.aestus.appc.AcName;
import io.aestus.appc.RuntimeApp;
import io.aestus.appc.Volume;
import io.aestus.cri.v1.ImageSpec;
import io.aestus.cri.v1.Mount;
import io.aestus.cri.v1.MountPropagation;
import io.aestus.cri.v1.UserNamespace;
import io.aestus.executor.AppOptions;
import io.aestus.executor.Mounting;
import io.aestus.executor.PodOptions;
import io.aestus.store.StoredImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A container's mounts as volumes of its app alone, and back. */
final class ContainerMounts {
    /** By which the kubelet knows what to tell the user. */
    private static final String NO_IMAGE = "ImageVolumeMountFailed: ";

    private ContainerMounts() {}

    /** In the order of depth, so that none hides another. */
    static List<io.aestus.appc.Mount> toMounts(List<Mount> mounts, PodOptions.UserNamespace users, NodeImages images) {
        List<io.aestus.appc.Mount> result = new ArrayList<>();
        for (Mount mount : mounts) {
            requireSupported(mount, users);
            AcName name = AcName.parse("mount-" + result.size());
            Volume volume = mount.hasImage()
                    ? image(name, mount, images)
                    : new Volume.Host(name, source(mount), mount.getReadonly(), true);
            result.add(io.aestus.appc.Mount.of(volume, Bounds.path("container_path", mount.getContainerPath())));
        }
        result.sort(Comparator.comparingLong(
                mount -> mount.path().value().chars().filter(c -> c == '/').count()));
        return result;
    }

    /** How those are mounted that are not private, or read-only at the top alone: for the executor they are so throughout. */
    static List<Mounting> toMountings(List<Mount> mounts) {
        return mounts.stream()
                .filter(mount -> !mount.hasImage())
                .map(mount -> new Mounting(
                        AbsolutePath.parse(mount.getContainerPath()).value(),
                        propagation(mount.getPropagation()),
                        mount.getReadonly() && !mount.getRecursiveReadOnly()
                                ? Mounting.Below.AS_IT_IS
                                : Mounting.Below.READ_ONLY))
                .filter(mounting -> mounting.propagation() != Mounting.Propagation.NONE
                        || mounting.below() != Mounting.Below.READ_ONLY)
                .toList();
    }

    private static Mounting.Propagation propagation(MountPropagation wanted) {
        return switch (wanted) {
            case PROPAGATION_PRIVATE -> Mounting.Propagation.NONE;
            case PROPAGATION_HOST_TO_CONTAINER -> Mounting.Propagation.FROM_HOST;
            case PROPAGATION_BIDIRECTIONAL -> Mounting.Propagation.BOTH_WAYS;
            case UNRECOGNIZED ->
                throw new AestusException(Problem.INVALID, "cannot mount: field propagation has an unknown value");
        };
    }

    private static MountPropagation propagation(Mounting.Propagation propagation) {
        return switch (propagation) {
            case NONE -> MountPropagation.PROPAGATION_PRIVATE;
            case FROM_HOST -> MountPropagation.PROPAGATION_HOST_TO_CONTAINER;
            case BOTH_WAYS -> MountPropagation.PROPAGATION_BIDIRECTIONAL;
        };
    }

    private static void requireSupported(Mount mount, PodOptions.UserNamespace users) {
        if (!mount.hasImage() && !mount.getImageSubPath().isEmpty()) {
            throw invalid(mount, "image_sub_path", "it is no image");
        }
        if (mount.hasImage() && !mount.getHostPath().isEmpty()) {
            throw invalid(mount, "host_path", "it is an image, and has none");
        }
        boolean isPrivate = mount.getPropagation() == MountPropagation.PROPAGATION_PRIVATE;
        if (mount.hasImage() && !isPrivate) {
            throw invalid(mount, "propagation", "nothing is ever mounted in an image");
        }
        if (mount.getRecursiveReadOnly() && !(mount.getReadonly() && isPrivate)) {
            throw new AestusException(
                    Problem.INVALID,
                    "RROUnsupported: cannot mount " + Quoted.of(mount.getHostPath())
                            + ": field recursive_read_only: only what is read-only and private can be so throughout");
        }
        requireUsers(mount, users);
    }

    /** Volumes of the host are mapped into the users of the pod, into no others. */
    private static void requireUsers(Mount mount, PodOptions.UserNamespace users) {
        if (mount.getUidMappingsCount() + mount.getGidMappingsCount() == 0) {
            return;
        }
        UserNamespace ofPod = Sandboxes.users(users);
        if (!mount.getUidMappingsList().equals(ofPod.getUidsList())
                || !mount.getGidMappingsList().equals(ofPod.getGidsList())) {
            throw unsupported("cannot mount " + Quoted.of(mount.getHostPath())
                    + ": its users are mapped otherwise than those of its sandbox");
        }
    }

    private static AestusException invalid(Mount mount, String field, String why) {
        return new AestusException(
                Problem.INVALID,
                "cannot mount at " + Quoted.of(mount.getContainerPath()) + ": field " + field + ": " + why);
    }

    /** The image, and what of it is wanted, are there when the container is created: the kubelet reads the reason from that call. */
    private static Volume image(AcName name, Mount mount, NodeImages images) {
        String wanted = mount.getImage().getImage();
        StoredImage image = images.find(wanted)
                .orElseThrow(() -> new AestusException(
                        Problem.NOT_FOUND,
                        NO_IMAGE + "cannot mount image " + Quoted.of(wanted) + ": it is not in the store"));
        try {
            images.requirePath(image.id(), mount.getImageSubPath());
        } catch (AestusException e) {
            throw new AestusException(e.problem(), NO_IMAGE + e.message(), e);
        }
        return new Volume.Image(name, image.id(), mount.getImageSubPath());
    }

    private static AestusException unsupported(String message) {
        return new AestusException(Problem.UNSUPPORTED, message);
    }

    /** Links are followed on the host, as the kubelet expects; what is missing is a mistake of whoever prepared it. */
    private static AbsolutePath source(Mount mount) {
        try {
            return AbsolutePath.parse(Path.of(mount.getHostPath()).toRealPath().toString());
        } catch (IOException e) {
            throw new AestusException(
                    Problem.INVALID,
                    "cannot mount " + Quoted.of(mount.getHostPath()) + ": it is not there, or not to be read",
                    e);
        }
    }

    static List<Mount> fromApp(RuntimeApp app, AppOptions options) {
        List<Mount> mounts = new ArrayList<>();
        for (io.aestus.appc.Mount mount : app.mounts()) {
            var shown = Mount.newBuilder().setContainerPath(mount.path().value());
            switch (mount.appVolume().orElse(null)) {
                case Volume.Host host -> {
                    Mounting how = options.mounting(mount.path().value());
                    mounts.add(shown.setHostPath(host.source().value())
                            .setReadonly(host.readOnly())
                            .setRecursiveReadOnly(host.readOnly() && how.below() == Mounting.Below.READ_ONLY)
                            .setPropagation(propagation(how.propagation()))
                            .build());
                }
                case Volume.Image image ->
                    mounts.add(shown.setImage(ImageSpec.newBuilder()
                                    .setImage(image.image().toString()))
                            .setImageSubPath(image.path())
                            .setReadonly(true)
                            .build());
                case Volume.Empty _ -> {} // the image's own, of which no request knows
                case null -> {}
            }
        }
        return mounts;
    }
}
