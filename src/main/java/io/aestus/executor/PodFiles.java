package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AcName;
import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonWriter;
import io.aestus.linux.Directory;
import io.aestus.linux.Errno;
import io.aestus.linux.Fd;
import io.aestus.linux.FileLock;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The pods on disk.
 *
 * <pre>
 * pods/UUID/manifest              as asked for; never changes
 * pods/UUID/pod.json              the pod exists as soon as this does
 * pods/UUID/owner                 lock of the process that looks after it
 * pods/UUID/keeper                lock of what its first process keeps
 * pods/UUID/apps/NAME/app.json    the app exists as soon as this does
 * pods/UUID/apps/NAME/log         and log.1 …, unless it goes elsewhere
 * pods/UUID/apps/NAME/log.state   what the log's writer was about
 * pods/.UUID.removed/             on its way out
 * </pre>
 *
 * <p>A record is a line of JSON, and the last whole line counts: a change is appended by one write, which costs a tenth of
 * replacing the file. When lines have piled up, or the change shall outlive a loss of power, the file is replaced by one rename.
 * What a host that loses power forgets of running pods is no loss, as they do not run any more.
 */
final class PodFiles {
    private static final String REMOVED = ".removed";

    /** How long a file of records may become before it is replaced by its last one. */
    private static final long PILE_BYTES = 64 * 1024;

    private static final String APP = "app.json";
    private static final Path LOG = Path.of("log");

    /** The environments of apps are in the records, with what they keep secret. */
    private static final int OWNERS_ONLY = 0600;

    /** Apps see their own logs by paths through here, and nobody lists it. */
    private static final FileAttribute<?> TRAVERSABLE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x"));

    private final Path pods;
    private final PodListing listing;

    PodFiles(Path directory) {
        this.pods = directory.resolve("pods");
        this.listing = new PodListing(pods);
    }

    /** Whether a write outlives the host's sudden end. */
    enum Durability {
        PROCESS,
        HOST
    }

    Path pod(PodUuid pod) {
        return pods.resolve(pod.toString());
    }

    Path app(PodUuid pod, AcName app) {
        return apps(pod).resolve(app.value());
    }

    Path owner(PodUuid pod) {
        return pod(pod).resolve("owner");
    }

    /** Lock of what the first process keeps. */
    Path keeper(PodUuid pod) {
        return pod(pod).resolve("keeper");
    }

    Path journal(PodUuid pod, AcName app) {
        return app(pod, app).resolve("log.state");
    }

    private Path apps(PodUuid pod) {
        return pod(pod).resolve("apps");
    }

    private Path state(PodUuid pod) {
        return pod(pod).resolve("pod.json");
    }

    /** Where an app's log goes: as the front says, else the pod's own place. */
    Path log(PodRecord pod, AppRecord app) {
        Path given = app.options().logPath().orElse(LOG);
        return pod.options()
                .logDirectory()
                .filter(_ -> app.options().logPath().isPresent())
                .orElseGet(() -> app(pod.uuid(), app.name()))
                .resolve(given);
    }

    /** Takes the lock of a pod's owner. @return empty if some process has it */
    Optional<FileLock> tryOwn(PodUuid pod) throws IOException {
        try {
            return FileLock.tryAcquire(owner(pod), FileLock.Kind.EXCLUSIVE);
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT) {
                throw unknown(pod);
            }
            throw e;
        }
    }

    // --- reading

    /** All pods, in no order. */
    List<PodUuid> list() throws IOException {
        return listing.read().stream().filter(pod -> Files.exists(state(pod))).toList();
    }

    /** The same for who asks often; {@code isKnown} says of which nobody need look whether they are more than a directory. */
    List<PodUuid> list(Predicate<PodUuid> isKnown) throws IOException {
        return listing.latest().stream()
                .filter(pod -> isKnown.test(pod) || Files.exists(state(pod)))
                .toList();
    }

    /** What is recorded of a pod. @return empty if there is none */
    Optional<PodRecord> find(PodUuid pod) throws IOException {
        try {
            var view = JsonReader.readOwn(lastLine(state(pod)), "pod.json of pod " + pod);
            var manifest = PodManifest.read(Files.readAllBytes(pod(pod).resolve("manifest")));
            return Optional.of(RecordJson.pod(view, manifest));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    PodRecord read(PodUuid pod) throws IOException {
        return find(pod).orElseThrow(() -> unknown(pod));
    }

    /** What is recorded of a pod's apps, in the order in which they were added. */
    List<AppRecord> apps(PodRecord pod) throws IOException {
        var found = new ArrayList<AppRecord>();
        try (var entries = Files.newDirectoryStream(apps(pod.uuid()))) {
            for (Path entry : entries) {
                if (!entry.getFileName().toString().startsWith(".")) {
                    findApp(entry, pod.uuid()).ifPresent(found::add);
                }
            }
        } catch (NoSuchFileException _) {
            return List.of(); // removed meanwhile
        }
        found.sort(PodFiles::inOrder);
        return found;
    }

    private static int inOrder(AppRecord one, AppRecord other) {
        int difference = Long.compare(one.ordinal(), other.ordinal());
        return difference != 0 ? difference : one.name().compareTo(other.name());
    }

    private static Optional<AppRecord> findApp(Path directory, PodUuid pod) throws IOException {
        try {
            byte[] text = lastLine(directory.resolve(APP));
            return Optional.of(RecordJson.app(
                    JsonReader.readOwn(text, "app.json of " + directory.getFileName() + " in pod " + pod)));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    /** Whatever follows the last end of a line was not written to its end. */
    private static byte[] lastLine(Path file) throws IOException {
        byte[] text = Files.readAllBytes(file);
        int end = text.length;
        while (end > 0 && text[end - 1] != '\n') {
            end--;
        }
        int start = Math.max(0, end - 1);
        while (start > 0 && text[start - 1] != '\n') {
            start--;
        }
        return Arrays.copyOfRange(text, start, end);
    }

    static AestusException unknown(PodUuid pod) {
        return new AestusException(Problem.NOT_FOUND, "cannot find pod " + pod + ": there is none");
    }

    // --- writing

    /** Makes a pod's directory, or leaves none. @return the lock of its owner: the caller */
    FileLock make(PodUuid pod) throws IOException {
        try {
            Files.createDirectory(pod(pod), TRAVERSABLE);
        } catch (NoSuchFileException first) {
            Files.createDirectories(pods);
            Files.createDirectory(pod(pod), TRAVERSABLE);
        }
        try (var undo = new Cleanup()) {
            undo.add(() -> Files.delete(pod(pod)));
            Files.createDirectory(apps(pod));
            undo.add(() -> Files.delete(apps(pod)));
            var lock = tryOwn(pod).orElseThrow(() -> new IOException("cannot lock new pod " + pod));
            undo.handOver();
            return lock;
        }
    }

    /** Writes a new pod, of which nothing but the directory is there: its record last, since it exists with that. */
    void create(PodRecord pod, List<AppRecord> apps, Durability durability) throws IOException {
        make(pod(pod.uuid()).resolve("manifest"), line(pod.manifest().toJson()), durability);
        for (AppRecord app : apps) {
            Path directory = app(pod.uuid(), app.name());
            Files.createDirectory(directory);
            make(directory.resolve(APP), line(RecordJson.of(app)), durability);
            force(directory, durability);
        }
        force(apps(pod.uuid()), durability);
        replace(state(pod.uuid()), line(RecordJson.of(pod)), durability);
        force(pods, durability);
    }

    void write(PodRecord pod, Durability durability) throws IOException {
        write(state(pod.uuid()), RecordJson.of(pod), durability);
        force(pods, durability);
    }

    /** Writes an app's record, making its directory if it is new. */
    void write(PodUuid pod, AppRecord app, Durability durability) throws IOException {
        Path directory = app(pod, app.name());
        if (app.starts() == 0 && !Files.exists(directory)) {
            Files.createDirectory(directory);
            replace(directory.resolve(APP), line(RecordJson.of(app)), durability);
        } else {
            write(directory.resolve(APP), RecordJson.of(app), durability);
        }
        force(apps(pod), durability);
    }

    private static void write(Path path, JsonObject value, Durability durability) throws IOException {
        byte[] line = line(value);
        if (durability == Durability.HOST || !append(path, line)) {
            replace(path, line, durability);
        }
    }

    private static byte[] line(JsonObject value) {
        byte[] text = JsonWriter.compact(value);
        byte[] line = Arrays.copyOf(text, text.length + 1);
        line[text.length] = '\n';
        return line;
    }

    /** @return false if the file is not there, has grown long or ends in half a line: then it shall be replaced */
    private static boolean append(Path path, byte[] line) throws IOException {
        try (Fd file = Fd.openForUpdating(path);
                Arena arena = Arena.ofConfined()) {
            long size = file.status().size();
            MemorySegment text = arena.allocateFrom(ValueLayout.JAVA_BYTE, line);
            MemorySegment last = arena.allocate(1);
            boolean isWhole = size > 0 && file.read(last, size - 1) == 1 && last.get(ValueLayout.JAVA_BYTE, 0) == '\n';
            return isWhole && size + line.length <= PILE_BYTES && file.write(text, size) == line.length;
        } catch (SyscallException e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw e;
        }
    }

    private static void replace(Path path, byte[] line, Durability durability) throws IOException {
        Path fresh = path.resolveSibling(path.getFileName() + ".new");
        make(fresh, line, durability);
        Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
        force(Objects.requireNonNull(path.getParent()), durability);
    }

    private static void make(Path path, byte[] line, Durability durability) throws IOException {
        try (Fd file = Fd.create(path, OWNERS_ONLY)) {
            file.writeFully(line);
            if (durability == Durability.HOST) {
                file.sync();
            }
        }
    }

    private static void force(Path directory, Durability durability) throws IOException {
        if (durability == Durability.HOST) {
            force(directory);
        }
    }

    private static void force(Path directory) throws IOException {
        try (var file = FileChannel.open(directory, StandardOpenOption.READ)) {
            file.force(true);
        }
    }

    // --- removing

    /** Removes an app: it is gone with one rename, and its files with its pod at the latest. */
    void removeApp(PodUuid pod, AcName app) throws IOException {
        String name = "." + app + REMOVED;
        try (Directory apps = Directory.open(apps(pod))) {
            apps.removeTree(name); // left by a removal that was cut short
            apps.rename(app.value(), name);
            apps.removeTree(name);
        }
    }

    /** Removes what an app wrote, but for its log. */
    void removeRoot(PodUuid pod, AcName app) throws IOException {
        try (Directory directory = Directory.open(app(pod, app))) {
            for (String part : List.of("upper", "work", "volumes")) {
                directory.removeTree(part);
            }
        }
    }

    /** Removes a pod: it is gone with one rename, and its files with {@link #sweep} at the latest. */
    void remove(PodUuid pod) throws IOException {
        String name = "." + pod + REMOVED;
        Files.move(pod(pod), pods.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        removeTree(name);
    }

    /** Removes what is left of removals, and of preparations, that were cut short. */
    void sweep() throws IOException {
        if (!Files.isDirectory(pods)) {
            return;
        }
        try (var entries = Files.newDirectoryStream(pods)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (name.endsWith(REMOVED)) {
                    removeTree(name);
                } else if (Files.isDirectory(entry) && !Files.exists(entry.resolve("pod.json"))) {
                    sweepUnfinished(entry, name);
                }
            }
        }
    }

    /** Whoever makes a pod holds its owner lock from the moment after the directory is there. */
    private void sweepUnfinished(Path directory, String name) throws IOException {
        var age = Duration.between(Files.getLastModifiedTime(directory).toInstant(), Instant.now());
        if (age.toMinutes() < 1) {
            return;
        }
        try (var lock = FileLock.tryAcquire(directory.resolve("owner"), FileLock.Kind.EXCLUSIVE)
                .orElse(null)) {
            if (lock != null && !Files.exists(directory.resolve("pod.json"))) {
                removeTree(name);
            }
        }
    }

    private void removeTree(String name) throws IOException {
        try (Directory directory = Directory.open(pods)) {
            directory.removeTree(name);
        }
    }
}
