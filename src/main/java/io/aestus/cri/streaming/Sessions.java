package io.aestus.cri.streaming;

import io.netty.channel.Channel;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The sessions that go on, each on a virtual thread. Thread-safe. */
final class Sessions {
    private final Set<Thread> running = ConcurrentHashMap.newKeySet();

    /** Starts a session; any number may use the same connection. */
    void begin(Flow flow, Runnable session) {
        flow.begin();
        Thread thread = Thread.ofVirtual().name("cri-stream").unstarted(() -> {
            try {
                session.run();
            } finally {
                running.remove(Thread.currentThread());
            }
        });
        running.add(thread);
        thread.start();
    }

    /** Whoever has come in and never said what he wanted goes. */
    static void cutUnlessBegun(Channel channel) {
        Flow flow = channel.pipeline().get(Flow.class);
        if (flow == null || !flow.hasBegun()) {
            var unused = channel.close();
        }
    }

    /** Waits for sessions whose connections have been cut. */
    void awaitEnd(Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        try {
            for (Thread thread : List.copyOf(running)) {
                thread.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
