package io.aestus.executor;

import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import io.aestus.appc.RuntimeApp;
import io.aestus.executor.Stage1.AppPlace;
import io.aestus.executor.Stage1.PodPlace;
import io.aestus.json.JsonObject;
import io.aestus.linux.Fd;
import io.aestus.linux.FileLock;
import io.aestus.linux.Namespace;
import io.aestus.linux.Namespaces;
import io.aestus.linux.PidFd;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Makes pods ahead, one at a time, and takes them back. */
final class SpareMaker {
    private static final System.Logger LOG = System.getLogger("io.aestus.executor");

    private final Path directory;
    private final PodShells shells;
    private final PodConnections connections;
    private final Function<PodUuid, String> cgroup;
    private final FirstApps firstApps;
    private final ReadyDevices readyDevices;
    private final ReadyApps readyApps;

    /**
     * @param cgroup where the processes of a pod are accounted that asks for nothing else
     * @param firstApps makes their first apps
     */
    SpareMaker(PodShells shells, Function<PodUuid, String> cgroup, FirstApps firstApps, Groundwork ground) {
        this.directory = place(ground.directory());
        this.shells = shells;
        this.connections = ground.connections();
        this.cgroup = cgroup;
        this.firstApps = firstApps;
        this.readyDevices = ground.readyDevices();
        this.readyApps = ground.readyApps();
    }

    /** Makes first apps of pods as far as their outlines say what they will be. */
    @FunctionalInterface
    interface FirstApps {
        ReadyApp make(AppOutline outline, AppPlace place, PidFd firstProcess) throws IOException;
    }

    /** Where a data directory has the marks of spare pods. */
    static Path place(Path data) {
        return data.resolve("spares");
    }

    /**
     * Makes one.
     *
     * @return a lesser one where it is refused by its networks, or by what its first app would be; empty where nothing is left
     */
    Optional<Spare> make(SpareKind kind) throws IOException {
        PodUuid uuid = PodUuid.random();
        Files.createDirectories(directory);
        var mark = FileLock.tryAcquire(directory.resolve(uuid.toString()), FileLock.Kind.EXCLUSIVE)
                .orElseThrow(() -> new IOException("cannot lock the mark of a new spare pod"));
        try {
            return switch (kind.extent()) {
                case POD, POD_ON_HOST -> Optional.of(pod(uuid, mark, kind));
                case NETWORK -> network(uuid, mark, kind.networks());
            };
        } catch (IOException | RuntimeException e) {
            mark.close();
            throw e;
        }
    }

    private Spare.Pod pod(PodUuid uuid, FileLock mark, SpareKind kind) throws IOException {
        PodShell shell = shell(
                uuid,
                kind.extent() == SpareKind.Extent.POD_ON_HOST
                        ? PodOptions.DEFAULT.withNetwork(PodOptions.NetworkMode.HOST)
                        : PodOptions.DEFAULT);
        List<String> networks = attached(shell, kind.networks());
        return new Spare.Pod(kind.extent(), shell, mark, networks, withFirst(shell, kind.first()), System.nanoTime());
    }

    /** Makes the first app of a pod ready. @return nothing where it cannot be made */
    private Optional<AppOutline> withFirst(PodShell shell, Optional<AppOutline> first) {
        if (first.isEmpty()) {
            return first;
        }
        PodUuid uuid = shell.uuid();
        RuntimeApp app = first.get().app();
        Path place = readyApps.directory(uuid);
        var pod = new PodPlace(
                uuid,
                place,
                PodManifest.of(app),
                PodOptions.DEFAULT,
                cgroup.apply(uuid),
                new PodContext(shell.first().pid(), shell.users()).toJson());
        try {
            readyApps.put(
                    uuid,
                    firstApps.make(
                            first.get(),
                            new AppPlace(pod, app.name(), place, app, AppOptions.DEFAULT, 1, JsonObject.EMPTY),
                            shell.first().pidfd()));
            shell.undo().add(() -> readyApps.discard(uuid)); // the first process does not end before its other ones
            return first;
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.DEBUG, "cannot make app " + app.name() + " ahead", e);
            return Optional.empty();
        }
    }

    private Optional<Spare> network(PodUuid uuid, FileLock mark, List<String> networks) throws IOException {
        Fd namespace = Namespaces.newNetwork();
        if (attach(uuid, namespace, networks)) {
            return Optional.of(new Spare.Network(uuid, namespace, mark, networks, System.nanoTime()));
        }
        namespace.close();
        unmark(uuid, mark);
        return Optional.empty();
    }

    private PodShell shell(PodUuid uuid, PodOptions options) throws IOException {
        PodShell shell = shells.make(PodShells.Plan.ahead(uuid, options, cgroup.apply(uuid)));
        try {
            shell.configure(options, List.of());
            readyDevices.put(uuid, DeviceTree.make(shell.users(), List.of()));
            return shell;
        } catch (IOException | RuntimeException e) {
            shell.close();
            throw e;
        }
    }

    /** @return the networks that it is in; none where one refuses it */
    private List<String> attached(PodShell shell, List<String> networks) throws IOException {
        if (networks.isEmpty()) {
            return networks;
        }
        try (Fd namespace = Namespaces.of(shell.first().pid(), Namespace.NETWORK)) {
            return attach(shell.uuid(), namespace, networks) ? networks : List.of();
        }
    }

    private boolean attach(PodUuid uuid, Fd namespace, List<String> networks) {
        try {
            connections.attachAhead(uuid, namespace, networks);
            return true;
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.DEBUG, "cannot attach a pod ahead to " + networks, e);
            return false;
        }
    }

    /** Has it be no spare one any more. */
    void unmark(Spare spare) throws IOException {
        unmark(spare.uuid(), spare.mark());
    }

    private void unmark(PodUuid uuid, FileLock mark) throws IOException {
        try (mark) {
            Files.deleteIfExists(directory.resolve(uuid.toString()));
        }
    }

    /** Ends one that nobody took. */
    void discard(Spare spare) throws IOException {
        switch (spare) {
            case Spare.Pod pod -> {
                try (var shell = pod.shell()) {
                    readyDevices.discard(shell.uuid());
                    detach(spare);
                }
            }
            case Spare.Network network -> {
                try (var _ = network.namespace()) {
                    detach(spare);
                }
            }
        }
        unmark(spare);
    }

    private void detach(Spare spare) throws IOException {
        if (spare.kind().isInNetworks()) {
            connections.detachAhead(spare.uuid());
        }
    }
}
