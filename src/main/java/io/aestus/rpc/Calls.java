package io.aestus.rpc;

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
