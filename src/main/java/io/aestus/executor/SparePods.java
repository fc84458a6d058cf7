package io.aestus.executor;

import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import io.aestus.linux.Cgroups;
import io.aestus.linux.Fd;
import io.aestus.linux.FileLock;
import io.aestus.linux.Namespace;
import io.aestus.linux.Namespaces;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Pods made ahead of whoever asks for one, as far as they can be without knowing anything of it: half of a start is done then
 * before it begins. A pod that is taken is made again when the one who took it has had time to start its apps.
 *
 * <p>It is in networks, too, if the last pods were that asked nothing of them but to be in them: see {@link SpareStock}. For pods
 * that are all their own but for that, as those of Kubernetes are, the networks alone are made ready.
 *
 * <p>A spare pod is none yet: no front sees it, and it has no directory. It has a UUID, by which its cgroups and users are
 * found, and a file of that name in {@code spares/}, locked as long as its maker lives. What a maker leaves that is killed is
 * known by that file, and {@linkplain #sweep swept} by the next one or by {@code gc}. Thread-safe.
 */
final class SparePods implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("io.aestus.executor");
    /** How long nobody must have taken one before another is made: starting what was asked for comes first. */
    private static final Duration REST = Duration.ofMillis(20);

    private static final Duration LAST_WAIT = Duration.ofSeconds(10);
    /** How long its maker may first be about other things: a start has enough to do. */
    private static final Duration FIRST_REST = Duration.ofSeconds(1);

    private static final Duration AFTER_FAILURE = Duration.ofSeconds(30);
    private static final Duration KILL_LIMIT = Duration.ofSeconds(2);
    private static final Duration LONGEST_WAIT = Duration.ofHours(1);

    private final Path directory;
    private final PodShells shells;
    private final PodConnections connections;
    private final Function<PodUuid, String> cgroup;
    private final Cgroups cgroups;
    private final UserRanges userRanges;
    private final ReadyDevices readyDevices;
    private final SpareStock<Spare> stock;
    private final Map<PodUuid, Spare> promised = new HashMap<>();
    private final @Nullable Thread maker;
    private long restUntil = System.nanoTime() + FIRST_REST.toNanos();
    private boolean closed;

    /**
     * Begins to make them, if any are wanted.
     *
     * @param wanted how many are kept ready
     * @param cgroup where the processes of a pod are accounted that asks for nothing else
     */
    SparePods(int wanted, PodShells shells, Function<PodUuid, String> cgroup, Groundwork ground) {
        this.directory = place(ground.directory());
        this.stock = new SpareStock<>(wanted);
        this.shells = shells;
        this.connections = ground.connections();
        this.cgroup = cgroup;
        this.cgroups = ground.cgroups();
        this.userRanges = ground.users();
        this.readyDevices = ground.readyDevices();
        this.maker =
                wanted > 0 ? Thread.ofPlatform().daemon().name("aestus-spares").start(this::makeAll) : null;
    }

    /** None, ever. */
    static SparePods none(Groundwork ground, PodShells shells) {
        return new SparePods(0, shells, PodUuid::toString, ground);
    }

    private static Path place(Path data) {
        return data.resolve("spares");
    }

    /** Whether a pod of a data directory is a spare one: no pod of which a record tells yet. */
    static boolean isMarked(Path data, PodUuid pod) {
        return Files.exists(place(data).resolve(pod.toString()));
    }

    /** As what a pod could have been made ahead; empty if not at all. */
    private Optional<SpareKind> kind(PodManifest manifest, PodOptions options) {
        if (isUsual(manifest, options)) {
            return Optional.of(new SpareKind(SpareKind.Extent.POD, connections.plain(manifest, options)));
        }
        return options.userNamespace() instanceof PodOptions.UserNamespace.Host
                ? Optional.of(new SpareKind(SpareKind.Extent.NETWORK, connections.plain(manifest, options)))
                        .filter(SpareKind::isInNetworks)
                : Optional.empty();
    }

    private static boolean isUsual(PodManifest manifest, PodOptions options) {
        return manifest.isolators().all().isEmpty()
                && PodTemplate.memoryVolumes(manifest).isEmpty()
                && options.userNamespace() instanceof PodOptions.UserNamespace.Private
                && options.network() != PodOptions.NetworkMode.HOST
                && options.ipc() == PodOptions.Sharing.POD
                && options.cgroupParent().isEmpty();
    }

    /** The UUID of one that is ready and fits, which nobody else is told from here on. */
    synchronized Optional<PodUuid> promise(PodManifest manifest, PodOptions options) {
        Optional<SpareKind> kind = maker == null ? Optional.empty() : kind(manifest, options);
        if (kind.isEmpty()) {
            return Optional.empty();
        }
        Optional<Spare> spare = stock.take(kind.get());
        notifyAll(); // the next one shall be like it
        spare.ifPresent(taken -> {
            promised.put(taken.uuid(), taken);
            rest(REST);
        });
        return spare.map(Spare::uuid);
    }

    /** Gives away the one that was promised under this UUID: it is a pod now. */
    Optional<Spare> take(PodUuid uuid) throws IOException {
        Optional<Spare> spare;
        synchronized (this) {
            spare = Optional.ofNullable(promised.remove(uuid));
            rest(REST);
        }
        if (spare.isPresent()) {
            unmark(spare.get());
        }
        return spare;
    }

    private void unmark(Spare spare) throws IOException {
        unmark(spare.uuid(), spare.mark());
    }

    private void unmark(PodUuid uuid, FileLock mark) throws IOException {
        try (mark) {
            Files.deleteIfExists(directory.resolve(uuid.toString()));
        }
    }

    private synchronized void rest(Duration time) {
        restUntil = System.nanoTime() + time.toNanos();
        notifyAll();
    }

    /** How many are ready now. */
    synchronized int ready() {
        return stock.size();
    }

    // --- making

    private void makeAll() {
        try {
            boolean isFirst = true;
            while (awaitNeed()) {
                if (isFirst) {
                    sweep(_ -> false);
                    isFirst = false;
                }
                try (var undo = new Cleanup()) {
                    outdated().forEach(spare -> undo.add(() -> discard(spare)));
                }
                add(make(wish()));
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.ERROR, "cannot make pods ahead", e);
        }
    }

    /** @return false when none is needed any more */
    private synchronized boolean awaitNeed() throws InterruptedException {
        while (!closed) {
            long now = System.nanoTime();
            boolean isShort = stock.isShort(now);
            long rest = restUntil - now;
            if (isShort && rest <= 0) {
                return true;
            }
            long left = isShort ? rest : stock.untilOutdated(now).orElse(LONGEST_WAIT.toNanos());
            wait(left / 1_000_000 + 1);
        }
        return false;
    }

    private synchronized List<Spare> outdated() {
        return stock.outdated(System.nanoTime());
    }

    private synchronized SpareKind wish() {
        return stock.wish();
    }

    private @Nullable Spare make(SpareKind kind) {
        PodUuid uuid = PodUuid.random();
        try {
            Files.createDirectories(directory);
            var mark = FileLock.tryAcquire(directory.resolve(uuid.toString()), FileLock.Kind.EXCLUSIVE)
                    .orElseThrow(() -> new IOException("cannot lock the mark of a new spare pod"));
            try {
                return switch (kind.extent()) {
                    case POD -> pod(uuid, mark, kind.networks());
                    case NETWORK -> network(uuid, mark, kind.networks());
                };
            } catch (IOException | RuntimeException e) {
                mark.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.WARNING, "cannot make a pod ahead; pods are made when they are asked for", e);
            rest(AFTER_FAILURE);
            return null;
        }
    }

    private Spare.Pod pod(PodUuid uuid, FileLock mark, List<String> networks) throws IOException {
        PodShell shell = shell(uuid);
        return new Spare.Pod(shell, mark, attached(shell, networks), System.nanoTime());
    }

    private Spare.@Nullable Network network(PodUuid uuid, FileLock mark, List<String> networks) throws IOException {
        Fd namespace = Namespaces.newNetwork();
        if (attach(uuid, namespace, networks)) {
            return new Spare.Network(uuid, namespace, mark, networks, System.nanoTime());
        }
        namespace.close();
        unmark(uuid, mark);
        return null;
    }

    private PodShell shell(PodUuid uuid) throws IOException {
        PodShell shell = shells.make(PodShells.Plan.ahead(uuid, cgroup.apply(uuid)));
        try {
            shell.configure(PodOptions.DEFAULT, List.of());
            readyDevices.put(uuid, DeviceTree.make(shell.users(), List.of()));
            return shell;
        } catch (IOException | RuntimeException e) {
            shell.close();
            throw e;
        }
    }

    /** @return the networks that it is in; none where one refuses it, as who asks next will hear */
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
            forgetWish();
            return false;
        }
    }

    private synchronized void forgetWish() {
        stock.forgetWish();
    }

    private void add(@Nullable Spare spare) throws IOException {
        if (spare == null) {
            return;
        }
        synchronized (this) {
            if (!closed) {
                stock.add(spare);
                return;
            }
        }
        discard(spare);
    }

    private void discard(Spare spare) throws IOException {
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

    // --- cleaning up

    /**
     * Ends what makers left that are gone.
     *
     * @param isLive whether a UUID is that of a pod that starts or runs, and no spare one any more
     */
    void sweep(Predicate<PodUuid> isLive) throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (var marks = Files.newDirectoryStream(directory)) {
            for (Path mark : marks) {
                sweep(mark, PodUuid.parse(mark.getFileName().toString()), isLive);
            }
        }
    }

    private void sweep(Path mark, PodUuid uuid, Predicate<PodUuid> isLive) throws IOException {
        try (var lock = FileLock.tryAcquire(mark, FileLock.Kind.EXCLUSIVE).orElse(null)) {
            if (lock == null || isLive.test(uuid)) {
                return; // its maker lives, or it goes with its pod
            }
            var left = cgroups.open(cgroup.apply(uuid));
            left.kill(KILL_LIMIT);
            left.remove(KILL_LIMIT);
            connections.detachAhead(uuid);
            userRanges.give(uuid, Optional.empty());
            Files.deleteIfExists(mark);
        }
    }

    /** Ends all that nobody took. */
    @Override
    public void close() throws IOException {
        List<Spare> left;
        synchronized (this) {
            closed = true;
            left = new ArrayList<>(stock.clear());
            left.addAll(promised.values());
            promised.clear();
            notifyAll();
        }
        try (var undo = new Cleanup()) {
            left.forEach(spare -> undo.add(() -> discard(spare)));
        }
        awaitMaker();
    }

    private void awaitMaker() {
        if (maker != null) {
            try {
                maker.join(LAST_WAIT);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
