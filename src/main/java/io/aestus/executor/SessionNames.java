package io.aestus.executor;

import io.aestus.executor.Stage1.AppPlace;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the further processes of apps are called. Where an app had one, which is then likely to have another, such as a probe's, its
 * isolation is told in advance what that will be called: to make a part of a cgroup takes a twentieth of the start. Thread-safe.
 */
final class SessionNames {
    private static final System.Logger LOG = System.getLogger("io.aestus.executor");

    /** For how many apps at most something is kept ready. */
    private static final int MOST = 64;

    private record Ready(Stage1 stage1, AppPlace app, String name) {}

    private final SequencedMap<Path, Ready> ready = new LinkedHashMap<>();

    /** What the next one is called. */
    synchronized String next(AppPlace app) {
        Ready known = ready.remove(app.directory());
        return known != null ? known.name : fresh();
    }

    private static String fresh() {
        return "exec-" + UUID.randomUUID();
    }

    /** After the end of one: the next one is made ready, unless it is, or the app is gone. */
    void prepare(Stage1 stage1, AppPlace app) {
        var next = new Ready(stage1, app, fresh());
        try {
            if (isReady(app) || !stage1.prepareExec(app, next.name)) {
                return;
            }
            Ready other = put(next);
            if (other != null) {
                other.stage1.releaseExec(other.app, other.name);
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "cannot prepare for another process in app " + app.name(), e);
        }
    }

    private synchronized boolean isReady(AppPlace app) {
        return ready.containsKey(app.directory());
    }

    /** @return what is to be released in its place */
    private synchronized @Nullable Ready put(Ready next) {
        Ready other = ready.putIfAbsent(next.app.directory(), next);
        if (other != null) {
            return next;
        }
        Map.Entry<Path, Ready> oldest = ready.size() > MOST ? ready.pollFirstEntry() : null;
        return oldest == null ? null : oldest.getValue();
    }
}
