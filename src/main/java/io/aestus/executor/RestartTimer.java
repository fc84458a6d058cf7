package io.aestus.executor;

import io.aestus.appc.AcName;
import io.aestus.appc.PodUuid;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Has apps started again when their time has come. What waits is on disk as well, so nothing is lost with this. */
final class RestartTimer implements AutoCloseable {
    private final Engine engine;
    private final Map<Key, Instant> waiting = new HashMap<>();
    private @Nullable ScheduledThreadPoolExecutor clockwork;
    private boolean isClosed;

    private record Key(PodUuid pod, AcName app) {}

    RestartTimer(Engine engine) {
        this.engine = engine;
    }

    /** Calls {@code then} on a worker at that time, unless that was said before. */
    synchronized void at(Instant time, PodUuid pod, AcName app, Runnable then) {
        var key = new Key(pod, app);
        if (isClosed || time.equals(waiting.put(key, time))) {
            return;
        }
        if (clockwork == null) {
            clockwork = new ScheduledThreadPoolExecutor(
                    1, Thread.ofPlatform().daemon().name("aestus-restarts").factory());
        }
        long wait = Math.max(0, Duration.between(engine.now(), time).toMillis());
        var unused = clockwork.schedule(() -> fire(key, time, then), wait, TimeUnit.MILLISECONDS);
    }

    private synchronized void fire(Key key, Instant time, Runnable then) {
        if (waiting.remove(key, time) && !isClosed) {
            engine.workers().start(then);
        }
    }

    @Override
    public synchronized void close() {
        isClosed = true;
        if (clockwork != null) {
            clockwork.shutdownNow();
        }
    }
}
