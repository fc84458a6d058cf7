package io.aestus.executor;

import io.aestus.appc.AcName;
import io.aestus.linux.Epoll;
import io.aestus.linux.NoticeSocket;
import io.aestus.linux.NoticeSocket.Notice;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Listens to what one start of an app tells by sd_notify, and writes it into the app's record. Only its own processes are heard,
 * by their cgroup: others of the pod may have found the way to its socket. As long as it tells nothing, that costs no
 * thread; one that tells all the time has to wait.
 */
final class Notices implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("io.aestus.executor");

    /** How many messages are read at a time. */
    private static final int BATCH = 64;

    /** Between two batches: each may lead to a write. */
    private static final Duration PAUSE = Duration.ofMillis(20);

    private static final Duration FOREVER = Duration.ofDays(365);

    private final Engine engine;
    private final OwnedPod pod;
    private final AcName app;
    private final OwnedApp.Run run;
    private final NoticeSocket socket;
    private Readiness.Wait waiting = () -> {};
    private boolean isClosed;

    /** Takes {@code socket}. */
    Notices(Engine engine, OwnedPod pod, AcName app, OwnedApp.Run run, NoticeSocket socket) {
        this.engine = engine;
        this.pod = pod;
        this.app = app;
        this.run = run;
        this.socket = socket;
    }

    /** Waits for the next message. */
    synchronized void open() throws IOException {
        if (!isClosed) {
            waiting = engine.readiness().when(socket.fd(), Epoll.IN, this::listen);
        }
    }

    private void listen() {
        Thread.ofVirtual().name("aestus-notices").start(() -> {
            try {
                engine.workers().run(() -> {
                    hear(receive());
                    return true;
                });
                Thread.sleep(PAUSE);
                open();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            } catch (IOException | RuntimeException e) {
                LOG.log(Level.WARNING, "cannot hear what app " + app + " of pod " + pod.uuid() + " tells", e);
            }
        });
    }

    private synchronized List<Notice> receive() throws IOException {
        var received = new ArrayList<Notice>();
        while (!isClosed && received.size() < BATCH) {
            Optional<Notice> next = socket.receive();
            if (next.isEmpty()) {
                break;
            }
            received.add(next.get());
        }
        return received;
    }

    private void hear(List<Notice> received) throws IOException, InterruptedException {
        try {
            if (!received.isEmpty()) {
                hearOwn(received);
            }
        } finally {
            received.forEach(Notice::close);
        }
    }

    private void hearOwn(List<Notice> received) throws IOException, InterruptedException {
        try (var _ = pod.claim(app, FOREVER)) {
            if (!pod.isCurrent(app, run)) {
                return;
            }
            AppRecord record = pod.requireApp(app);
            AppNotice before = record.notice().orElse(AppNotice.NONE);
            AppNotice told = before;
            var own = new HashSet<>(pod.stage1().processes(pod.place(record)));
            for (Notice notice : received) {
                if (isOwn(notice, own)) {
                    told = told.after(notice.text());
                } else {
                    LOG.log(Level.INFO, "process {0} told of app {1}, of which it is none", notice.pid(), app);
                }
            }
            if (!told.equals(before)) {
                engine.write(pod, record.withNotice(told));
            }
        }
    }

    /** A process that is there still had its number when the app's were asked for, and not another before it. */
    private static boolean isOwn(Notice notice, Set<Long> own) throws IOException {
        return own.contains(notice.pid())
                && (notice.sender().isEmpty() || notice.sender().get().signal(0));
    }

    /** Hears nothing any more; what was not heard is for who comes next, if the pod's first process keeps the socket. */
    @Override
    public synchronized void close() {
        if (!isClosed) {
            isClosed = true;
            waiting.close();
            socket.close();
        }
    }
}
