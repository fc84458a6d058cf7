package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.AcName;
import io.aestus.appc.PodUuid;
import io.aestus.linux.FileLock;
import io.aestus.linux.PidFd;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A pod that this process owns, as it is in memory. Its monitor guards all of it and is never held across a call into the
 * kernel; who changes an app {@linkplain #claim claims} it first, and who changes the pod as a whole claims that.
 */
final class OwnedPod {
    private final PodUuid uuid;
    private final PodFiles files;
    private final FileLock lock;
    private final Stage1 stage1;
    private final SequencedMap<AcName, OwnedApp> apps = new LinkedHashMap<>();
    private PodRecord record;
    private @Nullable PodStatus status;
    private @Nullable Anchor anchor;
    private @Nullable Reception reception;
    private boolean isClaimed;
    private boolean isEnding;
    private int leases;
    private boolean isKept;

    /** What holds a running pod together. */
    record Anchor(PidFd first, Keeper keeper, Exits.Watch watch, Doors doors) {
        void close() {
            doors.close();
            watch.close();
            first.close();
            keeper.close();
        }
    }

    /** Takes {@code lock}. */
    OwnedPod(PodFiles files, FileLock lock, PodRecord record, List<AppRecord> apps, Stage1 stage1) {
        this.uuid = record.uuid();
        this.files = files;
        this.lock = lock;
        this.stage1 = stage1;
        this.record = record;
        apps.forEach(app -> this.apps.put(app.name(), new OwnedApp(app)));
    }

    PodUuid uuid() {
        return uuid;
    }

    /** Who isolates it. */
    Stage1 stage1() {
        return stage1;
    }

    // --- what is known

    synchronized PodRecord record() {
        return record;
    }

    /** The same object until something changes. */
    synchronized PodStatus status() {
        PodStatus known = status;
        if (known == null) {
            known = record.status(files, records());
            status = known;
        }
        return known;
    }

    synchronized List<AcName> appNames() {
        return List.copyOf(apps.keySet());
    }

    synchronized Optional<AppRecord> app(AcName name) {
        return Optional.ofNullable(apps.get(name)).map(app -> app.record);
    }

    synchronized AppRecord requireApp(AcName name) {
        return required(name).record;
    }

    private OwnedApp required(AcName name) {
        OwnedApp app = apps.get(name);
        if (app == null) {
            throw new AestusException(
                    Problem.NOT_FOUND,
                    "cannot find app " + Quoted.of(name.value()) + ": pod " + uuid + " has none of that name");
        }
        return app;
    }

    synchronized Optional<OwnedApp.Run> run(AcName name) {
        return Optional.ofNullable(apps.get(name)).map(app -> app.run);
    }

    synchronized Optional<Anchor> anchor() {
        return Optional.ofNullable(anchor);
    }

    synchronized boolean isLive() {
        return switch (record.state()) {
            case PodState.Starting _, PodState.Running _ -> true;
            case PodState.Prepared _, PodState.Exited _, PodState.Aborted _ -> false;
        };
    }

    /** Whether apps may be started. */
    synchronized boolean isRunning() {
        return record.state() instanceof PodState.Running && !isEnding && !record.isPaused();
    }

    synchronized boolean isUnclaimed() {
        return !isClaimed;
    }

    /** Whether a start of an app still goes on. */
    synchronized boolean isCurrent(AcName name, OwnedApp.Run run) {
        OwnedApp app = apps.get(name);
        return app != null && app.run == run;
    }

    synchronized long nextOrdinal() {
        return apps.values().stream()
                .mapToLong(app -> app.record.ordinal() + 1)
                .max()
                .orElse(0);
    }

    synchronized boolean hasRunningApp() {
        return apps.values().stream().anyMatch(app -> app.run != null);
    }

    Stage1.PodPlace place() {
        return record().at(files.pod(uuid));
    }

    Stage1.AppPlace place(AppRecord app) {
        return app.at(place(), files.app(uuid, app.name()));
    }

    Path log(AppRecord app) {
        return files.log(record(), app);
    }

    // --- what changes; on disk first

    void write(PodRecord newRecord, PodFiles.Durability durability) throws IOException {
        files.write(newRecord, durability);
        synchronized (this) {
            record = newRecord;
            changed();
        }
    }

    void write(AppRecord newRecord) throws IOException {
        files.write(uuid, newRecord, PodFiles.Durability.PROCESS);
        synchronized (this) {
            required(newRecord.name()).record = newRecord;
            changed();
        }
    }

    /** Adds an app that is on disk. */
    synchronized void add(AppRecord app) {
        apps.put(app.name(), new OwnedApp(app));
        changed();
    }

    /** Forgets an app that is gone from the disk. */
    synchronized void forget(AcName app) {
        apps.remove(app);
        changed();
    }

    private synchronized void changed() {
        status = null;
        notifyAll();
    }

    synchronized void setAnchor(Anchor newAnchor) {
        anchor = newAnchor;
    }

    /** Whom the metadata service receives from here on. */
    synchronized void setReception(Reception newReception) {
        reception = newReception;
    }

    /** Closes what holds it together, and its metadata service: it has ended, or somebody else looks after it. */
    void dropAnchor() {
        Reception lastReception;
        Anchor lastAnchor;
        synchronized (this) {
            lastReception = reception;
            lastAnchor = anchor;
            reception = null;
            anchor = null;
        }
        if (lastReception != null) {
            lastReception.close();
        }
        if (lastAnchor != null) {
            lastAnchor.close();
        }
    }

    synchronized void setRun(AcName app, OwnedApp.@Nullable Run run) {
        required(app).run = run;
        notifyAll();
    }

    /** Has an app be killed at the latest then. @return whether it was not asked to end before */
    synchronized boolean hasten(OwnedApp.Run run, long killAt) {
        boolean isFirst = !run.isStopping;
        run.isStopping = true;
        run.killAt = Math.min(run.killAt, killAt);
        notifyAll();
        return isFirst;
    }

    /** No app is started from here on. */
    synchronized void refuseStarts() {
        isEnding = true;
    }

    /** Apps may be started again, in a pod that had ended. */
    synchronized void permitStarts() {
        isEnding = false;
    }

    /** No app is started from here on, and whoever was changing one has done so. */
    synchronized void beginEnding(Duration patience) throws InterruptedException {
        isEnding = true;
        awaitQuiet(patience);
    }

    /** Waits until nobody changes an app. */
    synchronized void awaitQuiet(Duration patience) throws InterruptedException {
        await(() -> apps.values().stream().noneMatch(app -> app.isClaimed), patience, "pod " + uuid);
    }

    // --- taking turns

    /** One thread's turn. */
    @FunctionalInterface
    interface Claim extends AutoCloseable {
        @Override
        void close();
    }

    /** Waits for the turn to change an app. @throws AestusException when it does not come */
    synchronized Claim claim(AcName name, Duration patience) throws InterruptedException {
        await(() -> !apps.containsKey(name) || !apps.get(name).isClaimed, patience, "app " + name);
        OwnedApp app = required(name);
        app.isClaimed = true;
        return () -> {
            synchronized (this) {
                app.isClaimed = false;
                app.isStarting = false;
                app.handlersUntil = Long.MIN_VALUE;
                notifyAll();
            }
        };
    }

    /** Waits for the turn to change the pod as a whole. */
    synchronized Claim claim(Duration patience) throws InterruptedException {
        await(() -> !isClaimed, patience, "pod " + uuid);
        isClaimed = true;
        return () -> {
            synchronized (this) {
                isClaimed = false;
                notifyAll();
            }
        };
    }

    /** The turn to change the pod as a whole, if nobody has it. */
    synchronized Optional<Claim> tryClaim() throws InterruptedException {
        return isClaimed ? Optional.empty() : Optional.of(claim(Duration.ZERO));
    }

    /** Who waits for an app that is claimed waits longer by this, from now on. */
    synchronized void allowHandlers(AcName name, Duration limit) {
        required(name).handlersUntil = System.nanoTime() + limit.toNanos();
    }

    /** Whether somebody starts, ends or removes an app just now. */
    synchronized boolean isClaimed(AcName name) {
        return apps.containsKey(name) && required(name).isClaimed;
    }

    /** An app that is claimed is about to be started. */
    synchronized void setStarting(AcName name) {
        required(name).isStarting = true;
    }

    /** Whether somebody starts an app just now. */
    synchronized boolean isStarting(AcName name) {
        return apps.containsKey(name) && required(name).isStarting;
    }

    private void await(BooleanSupplier condition, Duration patience, String what) throws InterruptedException {
        long begin = System.nanoTime();
        if (!awaitUntil(condition, () -> Math.max(begin, handlersUntil(begin)) + patience.toNanos())) {
            throw new AestusException(
                    Problem.UNAVAILABLE,
                    "cannot change " + what + ": another operation on it goes on since " + patience.toSeconds() + " s");
        }
    }

    private long handlersUntil(long otherwise) {
        return apps.values().stream()
                .filter(app -> app.isClaimed)
                .mapToLong(app -> app.handlersUntil)
                .max()
                .orElse(otherwise);
    }

    /** Waits until something is so. @return false if it is not, after {@code limit} */
    synchronized boolean awaitFor(BooleanSupplier condition, Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        return awaitUntil(condition, () -> deadline);
    }

    /** The same; the deadline may change meanwhile, and whoever changes it under the monitor notifies. */
    synchronized boolean awaitUntil(BooleanSupplier condition, java.util.function.LongSupplier deadline)
            throws InterruptedException {
        while (!condition.getAsBoolean()) {
            long left = deadline.getAsLong() - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            wait(left / 1_000_000, (int) (left % 1_000_000));
        }
        return true;
    }

    // --- owning

    synchronized void lease() {
        leases++;
    }

    /** Whether nobody uses it any more and nothing of it runs: then it may be let go. */
    synchronized boolean isIdleAfterLease() {
        return --leases == 0 && !isLive();
    }

    /** Whether it is live after somebody used it here, for the first time: then this process keeps it. */
    synchronized boolean isFirstTimeKept() {
        boolean isFirst = !isKept && isLive();
        isKept |= isFirst;
        return isFirst;
    }

    /** What of it is open in this process. */
    synchronized Map<AcName, OwnedApp.Run> runs() {
        var runs = new LinkedHashMap<AcName, OwnedApp.Run>();
        apps.forEach((name, app) -> {
            if (app.run != null) {
                runs.put(name, app.run);
            }
        });
        return runs;
    }

    /** Lets go: everything that runs goes on, its output staying in its pipes. */
    void letGo() {
        runs().forEach((name, run) -> {
            run.output.drop().join();
            run.close();
            setRun(name, null);
        });
        dropAnchor();
        lock.close();
    }

    synchronized List<AppRecord> records() {
        return new ArrayList<>(apps.values().stream().map(app -> app.record).toList());
    }
}
