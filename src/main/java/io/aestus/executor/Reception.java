package io.aestus.executor;

import io.aestus.linux.Epoll;
import io.aestus.linux.Fd;
import io.aestus.linux.LoopbackListener;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Lets in who connects to the listener of one pod: so many at a time, each for so long; the others wait in the kernel. As long
 * as nobody comes it costs no thread: the one that watches all descriptors watches this one too.
 */
final class Reception implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("io.aestus.executor");

    /** How many of one pod's callers are answered at a time. */
    private static final int SEATS = 8;

    /** What a caller has from being let in to having its answer. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** After there were too many descriptors. */
    private static final Duration PAUSE = Duration.ofMillis(500);

    private final OwnedPod pod;
    private final String token;
    private final LoopbackListener listener;
    private final MetadataService service;
    private final Readiness readiness;
    private final Semaphore allSeats;
    private final Semaphore seats = new Semaphore(SEATS);
    private final Set<ProcessStreams.Connection> connections = new HashSet<>();
    private Readiness.Wait waiting = () -> {};
    private @Nullable Thread doorman;
    private boolean isClosed;

    /**
     * Takes {@code listener}.
     *
     * @param allSeats those of all pods
     */
    Reception(
            OwnedPod pod,
            String token,
            LoopbackListener listener,
            MetadataService service,
            Readiness readiness,
            Semaphore allSeats) {
        this.pod = pod;
        this.token = token;
        this.listener = listener;
        this.service = service;
        this.readiness = readiness;
        this.allSeats = allSeats;
    }

    /** Waits for the next one to come. */
    synchronized void open() throws IOException {
        if (!isClosed) {
            waiting = readiness.when(listener.socket(), Epoll.IN, this::fetchDoorman);
        }
    }

    private synchronized void fetchDoorman() {
        if (!isClosed) {
            doorman = Thread.ofVirtual().name("aestus-metadata").start(this::letIn);
        }
    }

    /** Lets in all who wait, as seats become free. */
    private void letIn() {
        try {
            boolean hasMore = true;
            while (hasMore) {
                seats.acquire();
                allSeats.acquire();
                hasMore = letOneIn();
            }
            open();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // closed
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.ERROR, "cannot receive callers of the metadata service of pod " + pod.uuid(), e);
        }
    }

    /** Has one who waits answered, if one does; else gives the seats back. */
    private boolean letOneIn() throws IOException, InterruptedException {
        boolean isTaken = false;
        try {
            Optional<ProcessStreams.Connection> caller = accept();
            if (caller.isPresent()) {
                Thread.ofVirtual().name("aestus-metadata-caller").start(() -> attend(caller.get()));
                isTaken = true;
            }
            return isTaken;
        } catch (IOException e) {
            LOG.log(Level.WARNING, "a caller of the metadata service of pod {0} must wait: {1}", pod.uuid(), e);
            Thread.sleep(PAUSE);
            return true;
        } finally {
            if (!isTaken) {
                leave();
            }
        }
    }

    private synchronized Optional<ProcessStreams.Connection> accept() throws IOException {
        if (isClosed) {
            return Optional.empty();
        }
        Optional<Fd> accepted = listener.accept();
        if (accepted.isEmpty()) {
            return Optional.empty();
        }
        var connection = ProcessStreams.connection(readiness, accepted.get());
        connections.add(connection);
        return Optional.of(connection);
    }

    private void leave() {
        allSeats.release();
        seats.release();
    }

    /** Ends a connection when it is answered, or when its time is over. */
    private void attend(ProcessStreams.Connection connection) {
        Thread answering = Thread.ofVirtual().name("aestus-metadata-answer").start(() -> answer(connection));
        try {
            answering.join(PATIENCE);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            end(connection);
            leave();
        }
    }

    private void answer(ProcessStreams.Connection connection) {
        try {
            service.answer(new MetadataService.Caller(pod.status(), token, connection.in(), connection.out()));
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "a caller of the metadata service is gone", e);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "internal error in the metadata service", e);
        }
    }

    private void end(ProcessStreams.Connection connection) {
        synchronized (this) {
            connections.remove(connection);
        }
        try {
            connection.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "cannot end a connection", e);
        }
    }

    /** Receives nobody any more, and cuts off who is in. */
    @Override
    public void close() {
        Set<ProcessStreams.Connection> open;
        synchronized (this) {
            if (isClosed) {
                return;
            }
            isClosed = true;
            waiting.close();
            if (doorman != null) {
                doorman.interrupt();
            }
            listener.close();
            open = Set.copyOf(connections);
        }
        open.forEach(this::end);
    }
}
