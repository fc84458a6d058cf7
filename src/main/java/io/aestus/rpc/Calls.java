package io.aestus.rpc;

import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.function.Function;

/** Runs a call and answers it, one way or the other. */
final class Calls {
    private Calls() {}

    /** The work of a call. */
    interface Work<T> {
        T run() throws Exception;
    }

    /** Does the work as long as the client waits for it: when it goes, the thread is interrupted. */
    static <T> T whileAwaited(Work<T> work) throws Exception {
        var wait = new Wait(Thread.currentThread());
        Context call = Context.current();
        call.addListener(wait, Runnable::run);
        try {
            return work.run();
        } finally {
            call.removeListener(wait);
            wait.end();
        }
    }

    private static final class Wait implements Context.CancellationListener {
        private final Thread worker;
        private boolean isOver;
        private boolean isInterrupted;

        Wait(Thread worker) {
            this.worker = worker;
        }

        @Override
        public synchronized void cancelled(Context call) {
            if (!isOver) {
                isInterrupted = true;
                worker.interrupt();
            }
        }

        /** The thread's next call has nothing to do with this one. */
        synchronized void end() {
            isOver = true;
            if (isInterrupted) {
                Thread.interrupted();
            }
        }
    }

    static <T> void answer(StreamObserver<T> observer, Work<T> work) {
        answer(observer, work, Statuses::of);
    }

    static <T> void answer(
            StreamObserver<T> observer, Work<T> work, Function<Throwable, StatusRuntimeException> translation) {
        T reply;
        try {
            reply = work.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            observer.onError(translation.apply(e));
            return;
        } catch (Exception e) {
            observer.onError(translation.apply(e));
            return;
        }
        observer.onNext(reply);
        observer.onCompleted();
    }
}
