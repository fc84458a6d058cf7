package io.aestus.cri;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * The methods of a service, one line each. Every request is held against {@link Bounds} first. A method that was forgotten stops the agent
 * from starting.
 */
final class Methods {
    private final ServerServiceDefinition.Builder service;

    Methods(ServiceDescriptor descriptor) {
        service = ServerServiceDefinition.builder(descriptor);
    }

    /** Makes the answer to a request. */
    @FunctionalInterface
    interface Answer<Q, R> {
        R to(Q request) throws Exception;
    }

    <Q extends Message, R> Methods answers(MethodDescriptor<Q, R> method, Answer<Q, R> answer) {
        return answers(method, answer, Statuses::of);
    }

    <Q extends Message, R> Methods answers(
            MethodDescriptor<Q, R> method,
            Answer<Q, R> answer,
            Function<Throwable, StatusRuntimeException> translation) {
        service.addMethod(
                method,
                ServerCalls.asyncUnaryCall((request, observer) -> Calls.answer(
                        observer,
                        () -> {
                            Bounds.check(request);
                            return answer.to(request);
                        },
                        translation)));
        return this;
    }

    /** Answers with a list, in messages of some elements each, and at least one. */
    <Q extends Message, R> Methods lists(MethodDescriptor<Q, R> method, Answer<Q, List<R>> answer) {
        service.addMethod(method, ServerCalls.asyncServerStreamingCall((request, observer) -> {
            List<R> messages;
            try {
                Bounds.check(request);
                messages = answer.to(request);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                observer.onError(Statuses.of(e));
                return;
            } catch (Exception e) {
                observer.onError(Statuses.of(e));
                return;
            }
            messages.forEach(observer::onNext);
            observer.onCompleted();
        }));
        return this;
    }

    /** Answers for as long as somebody listens. */
    <Q extends Message, R> Methods tells(MethodDescriptor<Q, R> method, BiConsumer<Q, StreamObserver<R>> teller) {
        service.addMethod(method, ServerCalls.asyncServerStreamingCall(teller::accept));
        return this;
    }

    ServerServiceDefinition build() {
        return service.build();
    }
}
