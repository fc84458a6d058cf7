package io.aestus.executor;

import io.aestus.appc.PodUuid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which pods have a directory. An agent is asked for all pods once a second and oftener, and mostly none came or went since: then the
 * time of the last change of the directory says so, and its entries are not read again. Thread-safe.
 */
final class PodListing {
    /** File systems count time in steps: a change so soon after the last one may bear the same time. */
    private static final Duration LONGEST_STEP = Duration.ofSeconds(2);

    private final Path pods;
    private volatile @Nullable Seen last;

    private record Seen(FileTime changed, List<PodUuid> pods) {}

    PodListing(Path pods) {
        this.pods = pods;
    }

    /** In no order. */
    List<PodUuid> latest() throws IOException {
        try {
            Seen known = last;
            FileTime changed = Files.getLastModifiedTime(pods);
            if (known != null && known.changed.equals(changed)) {
                return known.pods;
            }
            boolean isSettled = changed.toMillis() < System.currentTimeMillis() - LONGEST_STEP.toMillis();
            List<PodUuid> read = read();
            last = isSettled ? new Seen(changed, read) : null;
            return read;
        } catch (NoSuchFileException _) {
            return List.of();
        }
    }

    /** The same without the question first, by Java's own means: for a command that lists once, before system calls of ours are set up. */
    List<PodUuid> read() throws IOException {
        var found = new ArrayList<PodUuid>();
        try (var entries = Files.newDirectoryStream(pods)) { // which may be there without our being let in
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (PodUuid.isOne(name)) {
                    found.add(PodUuid.parse(name));
                }
            }
        } catch (NoSuchFileException | NotDirectoryException _) {
            return List.of();
        }
        return found;
    }
}
