package io.aestus.executor;

import io.aestus.appc.PodUuid;
import io.aestus.linux.Directory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * The first apps of pods made ahead. What they would write is kept in {@code ready/UUID}, until they have a directory of
 * their own. Thread-safe.
 */
final class ReadyApps {
    private final Path directory;
    private final Map<PodUuid, ReadyApp> apps = new ConcurrentHashMap<>();

    /** @param data the data directory */
    ReadyApps(Path data) {
        this.directory = data.resolve("ready");
    }

    /** Where one keeps what it would write. */
    Path directory(PodUuid pod) {
        return directory.resolve(pod.toString());
    }

    /** Keeps one for that pod, which has none yet. Takes it. */
    void put(PodUuid pod, ReadyApp app) {
        apps.put(pod, app);
    }

    /** Gives away the one that waits for the pod, if there is one. */
    Optional<ReadyApp> take(PodUuid pod) {
        return Optional.ofNullable(apps.remove(pod));
    }

    /** Ends it: nothing more starts in that pod. */
    void discard(PodUuid pod) throws IOException {
        Optional<ReadyApp> app = take(pod);
        if (app.isPresent()) {
            app.get().close();
        }
    }

    /** Removes what is left of those whose maker was killed. */
    void sweep(Predicate<PodUuid> isGone) throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (var entries = Files.newDirectoryStream(directory);
                Directory all = Directory.open(directory)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (isGone.test(PodUuid.parse(name))) {
                    all.removeTree(name);
                }
            }
        }
    }
}
