package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.AcName;
import io.aestus.appc.PodUuid;
import io.aestus.executor.Stage1.AppPlace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * Writes running apps down, as an archive in the form that other runtimes' tools read: the processes by CRIU in {@code checkpoint/}, what
 * the app has written over its image as a layer in {@code rootfs-diff.tar}, what it is in {@code config.dump} and {@code spec.dump},
 * and CRIU's own {@code dump.log}. The app goes on; what it writes from then on until its files are copied is in the copy. Thread-safe.
 *
 * @see <a href="https://github.com/checkpoint-restore/checkpointctl">checkpointctl: what reads such archives</a>
 */
public final class Checkpoints {
    /** What CRIU says, in the archive. */
    static final String LOG = "dump.log";

    private final Engine engine;
    private final List<Path> places;

    /** @param places where CRIU is looked for */
    Checkpoints(Engine engine, List<Path> places) {
        this.engine = engine;
        this.places = List.copyOf(places);
    }

    /**
     * Writes an app down. Blocks.
     *
     * @throws AestusException {@link Problem#UNSUPPORTED} without a CRIU that works here, or for an app that is among the processes of
     *     others; {@link Problem#CONFLICT} if it does not run, or CRIU cannot write down what it holds
     * @throws TimeoutException when it takes longer than it may; nothing is left of it then, as after every failure
     */
    public void write(PodUuid pod, AcName app, CheckpointSpec spec) throws InterruptedException, TimeoutException {
        String what = "checkpoint container " + Quoted.of(spec.id());
        try {
            Optional<TimeoutException> late = engine.workers().run(() -> attempt(pod, app, spec, what));
            if (late.isPresent()) {
                throw late.get();
            }
        } catch (IOException e) {
            throw Failures.of(what, e);
        }
    }

    private Optional<TimeoutException> attempt(PodUuid pod, AcName app, CheckpointSpec spec, String what)
            throws IOException, InterruptedException {
        try {
            write(pod, app, spec, what);
            return Optional.empty();
        } catch (TimeoutException e) {
            return Optional.of(e);
        }
    }

    private void write(PodUuid pod, AcName app, CheckpointSpec spec, String what)
            throws IOException, InterruptedException, TimeoutException {
        AppPlace place = place(pod, app);
        long root = process(pod, app, what);
        Criu criu = Criu.find(places, what);
        requireOwnProcesses(root, what);
        write(place, root, criu, spec, what);
    }

    private AppPlace place(PodUuid uuid, AcName name) throws IOException {
        PodRecord pod = engine.files().read(uuid);
        return record(pod, name)
                .at(pod.at(engine.files().pod(uuid)), engine.files().app(uuid, name));
    }

    private AppRecord record(PodRecord pod, AcName name) throws IOException {
        return engine.files().apps(pod).stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AestusException(Problem.NOT_FOUND, "cannot find app " + name));
    }

    private long process(PodUuid uuid, AcName name, String what) throws IOException {
        Optional<ProcessIdentity> process =
                record(engine.files().read(uuid), name).process();
        if (process.isEmpty() || !process.get().isAlive()) {
            throw new AestusException(Problem.CONFLICT, "cannot " + what + ": it does not run");
        }
        return process.get().pid();
    }

    /** CRIU writes down PID namespaces as a whole, from their first process on. */
    private static void requireOwnProcesses(long root, String what) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + root + "/status"))) {
            boolean isFirst = lines.filter(line -> line.startsWith("NSpid:"))
                    .map(line -> line.split("\\s+", -1))
                    .anyMatch(numbers -> numbers.length > 2 && numbers[numbers.length - 1].equals("1"));
            if (!isFirst) {
                throw new AestusException(
                        Problem.UNSUPPORTED,
                        "cannot " + what
                                + ": it shares its processes with others, who would have to be written down too");
            }
        }
    }

    private void write(AppPlace place, long root, Criu criu, CheckpointSpec spec, String what)
            throws IOException, InterruptedException, TimeoutException {
        long deadline = System.nanoTime() + spec.limit().toNanos();
        Path target = spec.archive();
        Path parent = target.getParent();
        if (!target.isAbsolute() || parent == null || Files.isDirectory(target)) {
            throw new AestusException(
                    Problem.INVALID,
                    "cannot " + what + ": " + Quoted.of(target.toString()) + " is no place for a file");
        }
        try (var own = CheckpointWork.open(parent)) {
            Path work = own.path();
            Path images = own.directory(CheckpointArchive.PROCESSES);
            Stage1 stage1 = engine.stage1s().of(engine.files().read(place.pod().uuid()));
            List<String> externals = CheckpointExternals.of(root, stage1.processes(place));
            criu.dump(root, images, work, externals, left(deadline, spec, what), what);
            var records = new CheckpointRecords(place, stage1.define(place).app(), spec);
            Files.write(work.resolve("config.dump"), records.config(engine.now()));
            Files.write(work.resolve("spec.dump"), records.spec());
            Path archive =
                    CheckpointArchive.write(work, place.directory().resolve("upper"), () -> left(deadline, spec, what));
            Files.move(archive, target, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private static Duration left(long deadline, CheckpointSpec spec, String what) throws TimeoutException {
        long nanos = deadline - System.nanoTime();
        if (nanos <= 0) {
            throw new TimeoutException(
                    "cannot " + what + ": it takes longer than " + spec.limit().toSeconds() + " s");
        }
        return Duration.ofNanos(nanos);
    }
}
