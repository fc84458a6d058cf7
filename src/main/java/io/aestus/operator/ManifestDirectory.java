package io.aestus.operator;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.operator.v1alpha1.AppPod;
import io.aestus.operator.v1alpha1.AppPodStatus;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * AppPods from the files of a directory: the same YAML as in a cluster, without an API server. A file that comes is run, one
 * that changes is run anew, one that goes is stopped.
 *
 * <p>A file that cannot be read stops nothing: what it said before still holds, and as long as that is not known (the agent
 * has just started) no pod is removed for want of its AppPod. The same holds when the whole directory is away.
 */
public final class ManifestDirectory implements PodSource {
    private static final Logger LOG = System.getLogger(ManifestDirectory.class.getName());
    private static final Pattern MANIFEST = Pattern.compile("[^.].*\\.(ya?ml|json)");
    private static final long SIZE_LIMIT = 1 << 20;
    /** Writers take a moment; one reading for all their steps is enough. */
    private static final Duration SETTLE = Duration.ofMillis(50);

    private final Path directory;
    private final Duration interval;
    private final String node;
    private final StatusFiles statuses;
    private final ReentrantLock lock = new ReentrantLock();
    private Map<Path, ManifestFile> files = new TreeMap<>();
    private Map<PodKey, AppPod> pods = new HashMap<>();
    private boolean complete;
    private @Nullable Thread watcher;
    private @Nullable WatchService watches;

    /**
     * What a file says.
     *
     * @param pods the last that could be read
     * @param error why it cannot be read now
     * @param isKnown whether it was ever read
     */
    private record ManifestFile(String text, List<AppPod> pods, Optional<String> error, boolean isKnown) {}

    /**
     * The files of {@code directory}.
     *
     * @param interval how often the directory is read although nothing is known to have changed
     * @param node this node; AppPods that name another are left to that
     * @param statusDirectory where status is kept
     */
    public ManifestDirectory(Path directory, Duration interval, String node, Path statusDirectory) {
        this.directory = directory;
        this.interval = interval;
        this.node = node;
        this.statuses = new StatusFiles(statusDirectory);
    }

    @Override
    public String name() {
        return "manifests";
    }

    @Override
    public void start(Consumer<PodKey> changed) {
        watches = watch();
        read().forEach(changed);
        watcher = Thread.ofPlatform().daemon().name("manifests").start(() -> follow(changed));
    }

    private @Nullable WatchService watch() {
        try {
            WatchService service = directory.getFileSystem().newWatchService();
            directory.register(
                    service,
                    StandardWatchEventKinds.ENTRY_CREATE,
                    StandardWatchEventKinds.ENTRY_MODIFY,
                    StandardWatchEventKinds.ENTRY_DELETE);
            return service;
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cannot watch " + directory + ", reading it every " + interval + " instead: " + e);
            return null;
        }
    }

    private void follow(Consumer<PodKey> changed) {
        try {
            while (!Thread.interrupted()) {
                awaitChange();
                read().forEach(changed);
            }
        } catch (InterruptedException | ClosedWatchServiceException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    private void awaitChange() throws InterruptedException {
        WatchService service = watches;
        if (service == null) {
            TimeUnit.NANOSECONDS.sleep(interval.toNanos());
            return;
        }
        WatchKey first = service.poll(interval.toNanos(), TimeUnit.NANOSECONDS);
        if (first != null) {
            TimeUnit.NANOSECONDS.sleep(SETTLE.toNanos());
            first.pollEvents();
            first.reset();
        }
    }

    /**
     * Reads what has changed.
     *
     * @return the AppPods that came, changed or went
     */
    private Set<PodKey> read() {
        Map<Path, ManifestFile> now;
        try {
            now = readFiles();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cannot read " + directory + ", what it said before still holds: " + e);
            return Set.of();
        }
        var podsNow = new HashMap<PodKey, AppPod>();
        now.forEach((file, manifest) -> {
            for (AppPod pod : manifest.pods()) {
                if (podsNow.putIfAbsent(PodKey.of(pod), pod) != null) {
                    LOG.log(
                            Level.WARNING,
                            file + ": AppPod " + PodKey.of(pod) + " is in an earlier file too; left out");
                }
            }
        });
        lock.lock();
        try {
            var changed = new HashSet<PodKey>();
            podsNow.forEach((key, pod) -> {
                AppPod before = pods.get(key);
                long generation = before == null ? 0 : before.getMetadata().getGeneration();
                boolean isSame = before != null && before.getSpec().equals(pod.getSpec());
                pod.getMetadata().setGeneration(isSame ? generation : generation + 1);
                if (!isSame) {
                    changed.add(key);
                }
            });
            pods.keySet().stream().filter(key -> !podsNow.containsKey(key)).forEach(changed::add);
            files = now;
            pods = podsNow;
            complete = now.values().stream().allMatch(ManifestFile::isKnown);
            return changed;
        } finally {
            lock.unlock();
        }
    }

    private Map<Path, ManifestFile> readFiles() throws IOException {
        var read = new TreeMap<Path, ManifestFile>();
        try (Stream<Path> entries = Files.list(directory)) {
            for (Path file : entries.sorted().toList()) {
                if (MANIFEST.matcher(file.getFileName().toString()).matches() && Files.isRegularFile(file)) {
                    read.put(file, readFile(file, files.get(file)));
                }
            }
        }
        return read;
    }

    private ManifestFile readFile(Path file, @Nullable ManifestFile before) {
        String text = "";
        try {
            if (Files.size(file) > SIZE_LIMIT) {
                throw new AestusException(
                        Problem.INVALID, "cannot read " + file + ": it is larger than " + SIZE_LIMIT + " bytes");
            }
            text = Files.readString(file, StandardCharsets.UTF_8);
            if (before != null && before.error().isEmpty() && before.text().equals(text)) {
                return before;
            }
            List<AppPod> read = AppPodReader.read(text, file.toString()).stream()
                    .filter(this::isOurs)
                    .map(this::completed)
                    .toList();
            return new ManifestFile(text, read, Optional.empty(), true);
        } catch (AestusException | IOException e) {
            String error = String.valueOf(e.getMessage());
            if (before == null || !before.error().equals(Optional.of(error))) {
                LOG.log(Level.ERROR, error);
            }
            return before == null
                    ? new ManifestFile(text, List.of(), Optional.of(error), false)
                    : new ManifestFile(text, before.pods(), Optional.of(error), before.isKnown());
        }
    }

    private boolean isOurs(AppPod pod) {
        String wanted = pod.getSpec().nodeName();
        return wanted == null || wanted.equals(node);
    }

    /** With what an API server would have added. */
    private AppPod completed(AppPod pod) {
        if (pod.getMetadata().getNamespace() == null) {
            pod.getMetadata().setNamespace("default");
        }
        String identity = name() + ":" + PodKey.of(pod);
        pod.getMetadata()
                .setUid(UUID.nameUUIDFromBytes(identity.getBytes(StandardCharsets.UTF_8))
                        .toString());
        return pod;
    }

    @Override
    public Set<PodKey> keys() {
        lock.lock();
        try {
            return Set.copyOf(pods.keySet());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Optional<AppPod> find(PodKey key) {
        AppPod known;
        lock.lock();
        try {
            known = pods.get(key);
        } finally {
            lock.unlock();
        }
        if (known == null) {
            return Optional.empty();
        }
        var pod = new AppPod();
        pod.setMetadata(known.getMetadata());
        pod.setSpec(known.getSpec());
        statuses.read(key).ifPresent(pod::setStatus);
        return Optional.of(pod);
    }

    @Override
    public boolean isComplete() {
        lock.lock();
        try {
            return complete;
        } finally {
            lock.unlock();
        }
    }

    /** Always true: a file that goes takes nothing with it that is needed to stop its pod. */
    @Override
    public boolean hold(AppPod pod) {
        return true;
    }

    @Override
    public void release(PodKey key) {
        statuses.delete(key);
    }

    @Override
    public void report(AppPod pod, AppPodStatus status) {
        statuses.write(PodKey.of(pod), status);
    }

    @Override
    public void tell(AppPod pod, Notice notice) {
        Level level = notice.weight() == Weight.WARNING ? Level.WARNING : Level.INFO;
        LOG.log(level, "AppPod " + PodKey.of(pod) + ": " + notice.reason() + ": " + notice.message());
    }

    @Override
    public void close() {
        if (watcher != null) {
            watcher.interrupt();
        }
        if (watches != null) {
            try {
                watches.close();
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "cannot close the watch on " + directory, e);
            }
        }
    }
}
