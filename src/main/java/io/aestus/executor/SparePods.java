package io.aestus.executor;

import io.aestus.appc.PodUuid;
import io.aestus.linux.Cgroups;
import io.aestus.linux.FileLock;
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
 * <p>It is in networks, too, if the last pods were that asked nothing of them but to be in them, and its first app is ready to
 * be told what to execute, if theirs were such that it can be: see {@link SpareStock}. For pods that are all their own but for the
 * networks, as those of Kubernetes are, the networks alone are made ready.
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
    private final SpareMaker spares;
    private final SpareKinds kinds;
    private final PodConnections connections;
    private final Function<PodUuid, String> cgroup;
    private final Cgroups cgroups;
    private final UserRanges userRanges;
    private final ReadyApps readyApps;
    private final SpareStock<Spare> stock;
    private final Map<PodUuid, Spare> promised = new HashMap<>();
    private final List<Spare> taken = new ArrayList<>();
    private final @Nullable Thread maker;
    private long restUntil = System.nanoTime() + FIRST_REST.toNanos();
    private boolean closed;

    /**
     * Begins to make them, if any are wanted.
     *
     * @param wanted how many are kept ready
     * @param cgroup where the processes of a pod are accounted that asks for nothing else
     * @param spares makes them
     */
    SparePods(int wanted, SpareMaker spares, Function<PodUuid, String> cgroup, Groundwork ground) {
        this.directory = SpareMaker.place(ground.directory());
        this.stock = new SpareStock<>(wanted);
        this.spares = spares;
        this.kinds = new SpareKinds(ground);
        this.connections = ground.connections();
        this.cgroup = cgroup;
        this.cgroups = ground.cgroups();
        this.userRanges = ground.users();
        this.readyApps = ground.readyApps();
        this.maker =
                wanted > 0 ? Thread.ofPlatform().daemon().name("aestus-spares").start(this::makeAll) : null;
    }

    /** Whether a pod of a data directory is a spare one: no pod of which a record tells yet. */
    static boolean isMarked(Path data, PodUuid pod) {
        return Files.exists(SpareMaker.place(data).resolve(pod.toString()));
    }

    /** The UUID of one that is ready and fits, which nobody else is told from here on. */
    Optional<PodUuid> promise(PodSpec spec) {
        Optional<SpareKind> kind = maker == null ? Optional.empty() : kinds.of(spec);
        return kind.isEmpty() ? Optional.empty() : promise(kind.get());
    }

    private synchronized Optional<PodUuid> promise(SpareKind kind) {
        Optional<Spare> spare = stock.take(kind);
        if (spare.isEmpty()) {
            notifyAll(); // the next one shall be like it
        } else { // who takes it wakes the maker
            promised.put(spare.get().uuid(), spare.get());
        }
        return spare.map(Spare::uuid);
    }

    /** The one that was promised under this UUID is for somebody else. */
    synchronized void forgo(PodUuid uuid) {
        Spare spare = promised.remove(uuid);
        if (spare != null) {
            stock.add(spare);
        }
    }

    /** Ends the one that was promised under this UUID, if nobody has taken it: its pod has ended before that. */
    void discard(PodUuid uuid) throws IOException {
        Spare spare;
        synchronized (this) {
            spare = promised.remove(uuid);
        }
        if (spare != null) {
            spares.discard(spare);
        }
    }

    /** Gives away the one that was promised under this UUID: it is a pod now. Its mark goes a moment later. */
    Optional<Spare> take(PodUuid uuid) {
        Optional<Spare> spare;
        synchronized (this) {
            spare = Optional.ofNullable(promised.remove(uuid));
            spare.ifPresent(taken::add);
            rest(REST);
        }
        return spare;
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
                unmark();
                try (var undo = new Cleanup()) {
                    outdated().forEach(spare -> undo.add(() -> spares.discard(spare)));
                }
                make(wish());
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

    private void unmark() throws IOException {
        List<Spare> pods;
        synchronized (this) {
            pods = List.copyOf(taken);
            taken.clear();
        }
        for (Spare pod : pods) {
            spares.unmark(pod);
        }
    }

    private synchronized List<Spare> outdated() {
        return stock.outdated(System.nanoTime());
    }

    private synchronized SpareKind wish() {
        return stock.wish();
    }

    private void make(SpareKind kind) throws IOException {
        Optional<Spare> made;
        try {
            made = spares.make(kind);
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.WARNING, "cannot make a pod ahead; pods are made when they are asked for", e);
            rest(AFTER_FAILURE);
            return;
        }
        if (!isKept(made, kind)) {
            spares.discard(made.orElseThrow());
        }
    }

    /** Keeps it, unless there is none. @return false if nobody wants it any more */
    private synchronized boolean isKept(Optional<Spare> made, SpareKind wished) {
        if (made.filter(spare -> spare.kind().equals(wished)).isEmpty()) {
            stock.forgetWish(); // as who asks next will hear
        }
        if (made.isPresent() && closed) {
            return false;
        }
        made.ifPresent(stock::add);
        return true;
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
            readyApps.sweep(uuid::equals);
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
        unmark();
        try (var undo = new Cleanup()) {
            left.forEach(spare -> undo.add(() -> spares.discard(spare)));
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
