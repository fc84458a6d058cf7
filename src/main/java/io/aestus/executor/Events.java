package io.aestus.executor;

import java.lang.System.Logger.Level;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Hands every event to every listener and to the journal, without waiting for any of them. */
final class Events implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("io.aestus.executor");

    /** How many events wait for a listener before the oldest are dropped. */
    static final int PATIENCE = 1024;

    private final Clock clock;
    private final EventJournal journal;
    private final List<Listening> round = new CopyOnWriteArrayList<>();

    Events(Clock clock, EventJournal journal) {
        this.clock = clock;
        this.journal = journal;
    }

    Subscription subscribe(PodEventListener listener) {
        var listening = new Listening(listener);
        round.add(listening);
        Thread.ofVirtual().name("aestus-events").start(listening::deliver);
        return listening;
    }

    void publish(PodEvent event) {
        journal.add(event);
        round.forEach(listening -> listening.offer(event));
    }

    @Override
    public void close() {
        round.forEach(Listening::close);
        journal.close();
    }

    private final class Listening implements Subscription {
        private final PodEventListener listener;
        private final Deque<PodEvent> queue = new ArrayDeque<>();
        private long missed;
        private boolean closed;

        Listening(PodEventListener listener) {
            this.listener = listener;
        }

        synchronized void offer(PodEvent event) {
            if (queue.size() == PATIENCE) {
                queue.removeFirst();
                missed++;
            }
            queue.addLast(event);
            notifyAll();
        }

        /** The next event; empty when closed. */
        private synchronized Optional<PodEvent> take() throws InterruptedException {
            while (queue.isEmpty() && !closed) {
                wait();
            }
            if (missed > 0) {
                var gap = new PodEvent.Missed(clock.instant(), missed);
                missed = 0;
                return Optional.of(gap);
            }
            return Optional.ofNullable(queue.pollFirst());
        }

        void deliver() {
            try {
                for (var event = take(); event.isPresent(); event = take()) {
                    tell(event.get());
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }

        private void tell(PodEvent event) {
            try {
                listener.on(event);
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "internal error in a listener of pod events", e);
            }
        }

        @Override
        public synchronized void close() {
            closed = true;
            queue.clear();
            missed = 0;
            round.remove(this);
            notifyAll();
        }
    }
}
