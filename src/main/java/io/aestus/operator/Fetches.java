package io.aestus.operator;

import io.aestus.operator.v1alpha1.AppSpec;
import java.util.HashSet;
import java.util.Set;

/** Fetching: the one step that may take minutes, and the one that closing cuts short. Thread-safe. */
final class Fetches implements AutoCloseable {
    private final NodePods pods;
    private final Set<Thread> underWay = new HashSet<>();
    private volatile boolean closed;

    Fetches(NodePods pods) {
        this.pods = pods;
    }

    /** @throws InterruptedException when closed, before or meanwhile */
    NodePods.Image fetch(AppSpec.Image wanted) throws InterruptedException {
        Thread self = Thread.currentThread();
        synchronized (underWay) {
            requireOpen();
            underWay.add(self);
        }
        NodePods.Image image;
        try {
            image = pods.fetch(wanted);
        } finally {
            synchronized (underWay) {
                underWay.remove(self);
            }
        }
        requireOpen();
        return image;
    }

    /** @throws InterruptedException when closed: then whatever failed may have failed for that */
    void requireOpen() throws InterruptedException {
        if (closed) {
            Thread.interrupted();
            throw new InterruptedException("closed");
        }
    }

    /** Cuts fetches short. */
    @Override
    public void close() {
        synchronized (underWay) {
            closed = true;
            underWay.forEach(Thread::interrupt);
        }
    }
}
