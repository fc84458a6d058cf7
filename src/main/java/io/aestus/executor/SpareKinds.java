package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.appc.PodManifest;
import io.aestus.appc.RuntimeApp;
import io.aestus.executor.Stage1.Definition;
import io.aestus.linux.OwnUsers;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;

/** Tells how much of a pod that is asked for could have been made ahead. */
final class SpareKinds {
    private static final System.Logger LOG = System.getLogger("io.aestus.executor");

    private final PodConnections connections;
    private final ImageTrees images;

    SpareKinds(Groundwork ground) {
        this.connections = ground.connections();
        this.images = ground.images();
    }

    /** As what a pod could have been made ahead; empty if not at all. */
    Optional<SpareKind> of(PodSpec spec) {
        PodManifest manifest = spec.manifest();
        PodOptions options = spec.options();
        if (isUsual(manifest, options)) {
            return Optional.of(
                    options.network() == PodOptions.NetworkMode.HOST
                            ? new SpareKind(SpareKind.Extent.POD_ON_HOST, List.of(), first(spec))
                            : new SpareKind(SpareKind.Extent.POD, connections.plain(manifest, options), first(spec)));
        }
        return options.userNamespace() instanceof PodOptions.UserNamespace.Host
                ? Optional.of(new SpareKind(SpareKind.Extent.NETWORK, connections.plain(manifest, options)))
                        .filter(SpareKind::isInNetworks)
                : Optional.empty();
    }

    /** What its first app will be; empty if that cannot be made ahead, or is to be told by who starts it that it cannot run. */
    private Optional<AppOutline> first(PodSpec spec) {
        Optional<RuntimeApp> app = spec.manifest().apps().stream().findFirst();
        if (app.isEmpty() || app.get().image().id().isEmpty() || !OwnUsers.areHosts()) {
            return Optional.empty(); // without users of its own, a child is apart
        }
        try {
            var definition = Definition.of(
                    app.get(), images.manifest(app.get().image().id().get()));
            return AppOutline.of(app.get(), spec.apps().getOrDefault(app.get().name(), AppOptions.DEFAULT), definition);
        } catch (IOException | AestusException e) {
            LOG.log(Level.DEBUG, "cannot tell what an app will be", e);
            return Optional.empty();
        }
    }

    private static boolean isUsual(PodManifest manifest, PodOptions options) {
        return manifest.isolators().all().isEmpty()
                && PodTemplate.memoryVolumes(manifest).isEmpty()
                && options.userNamespace() instanceof PodOptions.UserNamespace.Private
                && options.ipc() == PodOptions.Sharing.POD
                && options.cgroupParent().isEmpty();
    }
}
