package io.aestus.cri;

import io.aestus.AestusException;
import io.aestus.appc.AcName;
import io.aestus.appc.PodUuid;
import io.aestus.cri.v1.FilesystemIdentifier;
import io.aestus.cri.v1.FilesystemUsage;
import io.aestus.cri.v1.UInt64Value;
import io.aestus.executor.AppFootprint;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What containers have written to files of their own. Nobody waits for that to be counted: who asks gets what was counted last,
 * and has it counted anew, one container after the other, if that was a while ago. Thread-safe.
 */
final class WritableLayers {
    private static final System.Logger LOG = System.getLogger("io.aestus.cri");
    private static final Duration FRESH = Duration.ofSeconds(20);
    private static final Duration OF_INTEREST = Duration.ofMinutes(10);

    private final Pods pods;
    /** Of the file system that they are in. */
    private final Path directory;

    private final Map<Container, Counted> counted = new HashMap<>();
    private final Set<Container> wanted = new LinkedHashSet<>();
    private boolean isCounting;

    WritableLayers(Pods pods, Path directory) {
        this.pods = pods;
        this.directory = directory;
    }

    private record Container(PodUuid pod, AcName app) {}

    private record Counted(AppFootprint what, Instant at) {
        boolean isOlderThan(Duration age) {
            return at.plus(age).isBefore(Instant.now());
        }
    }

    /** What was counted last, if anything. */
    synchronized Optional<FilesystemUsage> of(PodUuid pod, AcName app) {
        var container = new Container(pod, app);
        Optional<Counted> last = Optional.ofNullable(counted.get(container));
        if (last.isEmpty() || last.get().isOlderThan(FRESH)) {
            wanted.add(container);
            if (!isCounting) {
                isCounting = true;
                Thread.ofVirtual().name("files of containers").start(this::count);
            }
        }
        return last.map(this::usage);
    }

    private FilesystemUsage usage(Counted of) {
        return FilesystemUsage.newBuilder()
                .setTimestamp(Sandboxes.nanos(of.at))
                .setFsId(FilesystemIdentifier.newBuilder().setMountpoint(directory.toString()))
                .setUsedBytes(UInt64Value.newBuilder().setValue(of.what.bytes()))
                .setInodesUsed(UInt64Value.newBuilder().setValue(of.what.files()))
                .build();
    }

    private void count() {
        for (var next = next(); next.isPresent(); next = next()) {
            Container container = next.get();
            try {
                AppFootprint found = pods.footprint(container.pod, container.app);
                keep(container, new Counted(found, Instant.now()));
            } catch (AestusException e) { // it has gone meanwhile, as a rule
                LOG.log(Level.DEBUG, "files of {0} are not counted: {1}", container, e.getMessage());
            }
        }
    }

    private synchronized Optional<Container> next() {
        Optional<Container> next = wanted.stream().findFirst();
        next.ifPresent(wanted::remove);
        isCounting = next.isPresent();
        return next;
    }

    private synchronized void keep(Container container, Counted now) {
        counted.values().removeIf(old -> old.isOlderThan(OF_INTEREST));
        counted.put(container, now);
    }
}
