package io.aestus.operator;

import io.aestus.AestusException;
import io.aestus.executor.Backoff;
import io.aestus.executor.PodEvent;
import io.aestus.executor.Subscription;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the pods of one source running on this node, from {@link #start} until it is closed. Closing lets go: the pods run
 * on, and the next operator recognises them.
 */
public final class Operator implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Operator.class.getName());
    private static final int WORKERS = 6;
    private static final Duration RESYNC = Duration.ofMinutes(1);

    private final PodSource source;
    private final NodePods pods;
    private final Reconciler reconciler;
    private final WorkQueue<PodKey> queue;
    private final Thread resync;
    private final AtomicBoolean started = new AtomicBoolean();
    private final AtomicBoolean closing = new AtomicBoolean();
    private @Nullable Subscription events;

    public Operator(PodSource source, NodePods pods, InstantSource clock) {
        this.source = source;
        this.pods = pods;
        this.reconciler = new Reconciler(source, pods, clock);
        this.queue = new WorkQueue<>(
                "operator-" + source.name(), WORKERS, Backoff.RETRIES, this::reconcile, Operator::threw);
        this.resync = Thread.ofVirtual().name("operator-resync").unstarted(this::resync);
    }

    /** Returns when all AppPods of this node are known; making them true goes on from there. */
    public void start() throws InterruptedException {
        events = pods.events(this::happened);
        source.start(queue::add);
        started.set(true);
        lookAtAll();
        queue.start();
        resync.start();
    }

    /** True once all AppPods of this node are known. */
    public boolean isStarted() {
        return started.get();
    }

    private WorkQueue.Next reconcile(PodKey key) throws InterruptedException {
        try {
            return reconciler.on(key);
        } catch (AestusException e) {
            if (closing.get()) {
                throw new InterruptedException(e.message());
            }
            LOG.log(Level.WARNING, "AppPod " + key + ": " + e.message());
            return WorkQueue.Next.RETRY;
        }
    }

    private static void threw(PodKey key, RuntimeException bug) {
        LOG.log(Level.ERROR, "AppPod " + key + ": internal error", bug);
    }

    private void happened(PodEvent event) {
        switch (event) {
            case PodEvent.OfPod ofPod -> reconciler.owned().ownerOf(ofPod.pod()).ifPresent(queue::hint);
            case PodEvent.Missed _ -> lookAtAll();
        }
    }

    private void lookAtAll() {
        source.keys().forEach(queue::add);
        reconciler.owned().keys().forEach(queue::add);
    }

    /** What was missed is found now: an event, a pod that someone removed by hand. */
    private void resync() {
        try {
            while (true) {
                Thread.sleep(RESYNC);
                try {
                    lookAtAll();
                } catch (AestusException e) {
                    LOG.log(Level.WARNING, "cannot look at all AppPods: " + e.message());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    @Override
    public void close() {
        closing.set(true);
        resync.interrupt();
        reconciler.close();
        source.close();
        queue.close();
        if (events != null) {
            events.close();
        }
    }
}
