package io.aestus.rpc;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The methods of a service, one line each. Every request is checked first. A method that was forgotten stops the agent
 * from starting.
 */
public final class Methods {
    private final ServerServiceDefinition.Builder service;
    private final Consumer<Message> check;

    /** @param check throws if a request exceeds what the service takes */
    public Methods(ServiceDescriptor descriptor, Consumer<Message> check) {
        this.service = ServerServiceDefinition.builder(descriptor);
        this.check = check;
    }

    /** Makes the answer to a request. */
    @FunctionalInterface
    public interface Answer<Q, R> {
        R to(Q request) throws Exception;
    }

    /** Answers once. */
    public <Q extends Message, R> Methods answers(MethodDescriptor<Q, R> method, Answer<Q, R> answer) {
        return answers(method, answer, Statuses::of);
    }

    /** The same for what takes long: it is interrupted when the client goes. With errors of its own. */
    public <Q extends Message, R> Methods answersWhileAwaited(
            MethodDescriptor<Q, R> method,
            Answer<Q, R> answer,
            Function<Throwable, StatusRuntimeException> translation) {
        return answers(method, request -> Calls.whileAwaited(() -> answer.to(request)), translation);
    }

    private <Q extends Message, R> Methods answers(
            MethodDescriptor<Q, R> method,
            Answer<Q, R> answer,
            Function<Throwable, StatusRuntimeException> translation) {
        service.addMethod(
                method,
                ServerCalls.asyncUnaryCall((request, observer) -> Calls.answer(
                        observer,
                        () -> {
                            check.accept(request);
                            return answer.to(request);
                        },
                        translation)));
        return this;
    }

    /** Answers with a list, in messages of some elements each, and at least one. */
    public <Q extends Message, R> Methods lists(MethodDescriptor<Q, R> method, Answer<Q, List<R>> answer) {
        service.addMethod(method, ServerCalls.asyncServerStreamingCall((request, observer) -> {
            List<R> messages;
            try {
                check.accept(request);
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
    public <Q extends Message, R> Methods tells(
            MethodDescriptor<Q, R> method, BiConsumer<Q, StreamObserver<R>> teller) {
        service.addMethod(method, ServerCalls.asyncServerStreamingCall((request, observer) -> {
            try {
                check.accept(request);
            } catch (RuntimeException e) {
                observer.onError(Statuses.of(e));
                return;
            }
            teller.accept(request, observer);
        }));
        return this;
    }

    /** All of them. */
    public ServerServiceDefinition build() {
        return service.build();
    }
}
