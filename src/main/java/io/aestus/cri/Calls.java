package io.aestus.cri;

import io.grpc.stub.StreamObserver;

/** Runs a call and answers it, one way or the other. */
final class Calls {
    private Calls() {}

    /** The work of a call. */
    interface Work<T> {
        T run() throws Exception;
    }

    static <T> void answer(StreamObserver<T> observer, Work<T> work) {
        T reply;
        try {
            reply = work.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            observer.onError(Statuses.of(e));
            return;
        } catch (Exception e) {
            observer.onError(Statuses.of(e));
            return;
        }
        observer.onNext(reply);
        observer.onCompleted();
    }
}
