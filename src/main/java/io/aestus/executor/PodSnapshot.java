package io.aestus.executor;

import io.aestus.appc.PodUuid;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the disk says of pods, for a process that only looks: no executor is opened, nothing is locked, owned or changed, and
 * no call into the kernel is made that Java has no own way for. So a short command is over before an executor would be open.
 */
public final class PodSnapshot {
    private PodSnapshot() {}

    /**
     * All pods of a data directory, the oldest first.
     *
     * @return empty when a record is behind what its processes have done since: then only {@link Executor#list}, which looks
     *     after the pod, can tell
     */
    public static Optional<List<PodStatus>> list(Path directory) {
        var files = new PodFiles(directory);
        try {
            var all = new ArrayList<PodStatus>();
            for (PodUuid uuid : files.list()) {
                Optional<PodRecord> pod = files.find(uuid);
                if (pod.isPresent()) { // not removed meanwhile
                    List<AppRecord> apps = files.apps(pod.get());
                    if (!PodViews.isCurrent(pod.get(), apps)) {
                        return Optional.empty();
                    }
                    all.add(pod.get().status(files, apps));
                }
            }
            all.sort(PodSnapshot::byAge);
            return Optional.of(List.copyOf(all));
        } catch (IOException e) {
            throw Failures.of("list pods", e);
        }
    }

    /** Written out, since the JDK's combined comparators are made anew, slowly, in each process. */
    private static int byAge(PodStatus one, PodStatus other) {
        int difference = one.created().compareTo(other.created());
        return difference != 0 ? difference : one.uuid().compareTo(other.uuid());
    }
}
