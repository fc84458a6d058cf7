package io.aestus.rpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Calls that are answered by a stream of messages, each told by a virtual thread of its own at the pace of who listens. Thread-safe.
 * Closing ends all of them.
 */
public final class Outflows implements AutoCloseable {
    private final Map<Outflow<?>, Thread> tellers = new ConcurrentHashMap<>();

    /** Tells one listener everything, then returns. Interrupted when the listener is gone, or everything ends. */
    @FunctionalInterface
    public interface Teller<R> {
        void tell(Outflow<R> out) throws Exception;
    }

    /** One stream of answers. For its teller's thread. */
    public static final class Outflow<R> {
        private final ServerCallStreamObserver<R> observer;

        private Outflow(ServerCallStreamObserver<R> observer) {
            this.observer = observer;
        }

        /** Says the next message as soon as the listener takes it. */
        public synchronized void say(R message) throws InterruptedException {
            while (!observer.isReady()) {
                if (observer.isCancelled()) {
                    throw new InterruptedException("the listener is gone");
                }
                wait();
            }
            observer.onNext(message);
        }

        private synchronized void wake() {
            notifyAll();
        }

        private void end(Runnable last) {
            if (!observer.isCancelled()) {
                last.run();
            }
        }
    }

    /** Answers a call. To be called where gRPC starts it. */
    public <R> void start(StreamObserver<R> observer, Teller<R> teller) {
        var call = (ServerCallStreamObserver<R>) observer;
        var out = new Outflow<>(call);
        Thread thread = Thread.ofVirtual().name("rpc-stream").unstarted(() -> run(out, teller));
        call.setOnReadyHandler(out::wake);
        call.setOnCancelHandler(thread::interrupt);
        tellers.put(out, thread);
        thread.start();
    }

    private <R> void run(Outflow<R> out, Teller<R> teller) {
        try {
            teller.tell(out);
            out.end(out.observer::onCompleted);
        } catch (Exception e) { // the thread ends here, so nobody need know that it was interrupted
            out.end(() -> out.observer.onError(Statuses.of(e)));
        } finally {
            tellers.remove(out);
        }
    }

    @Override
    public void close() {
        tellers.values().forEach(Thread::interrupt);
    }
}
