package io.aestus.cri;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.aestus.cri.v1.ImageServiceGrpc;
import io.aestus.cri.v1.RuntimeServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Requests of every method of the interface whose fields hold anything: what is right, what is nearly right, what is absurd.
 * Whatever comes, the answer is one that blames the request, not the server.
 */
final class RandomRequests {
    private static final int DEEPEST = 6;
    private static final long LIMIT_SECONDS = 20;
    private static final long STREAM_MILLIS = 50;
    private static final Set<Status.Code> BLAMES_THE_SERVER =
            EnumSet.of(Status.Code.INTERNAL, Status.Code.UNKNOWN, Status.Code.UNAVAILABLE, Status.Code.DATA_LOSS);

    private static final List<MethodDescriptor<?, ?>> METHODS = Stream.of(
                    RuntimeServiceGrpc.getServiceDescriptor(), ImageServiceGrpc.getServiceDescriptor())
            .<MethodDescriptor<?, ?>>flatMap(service -> service.getMethods().stream())
            .toList();

    /** What is worth trying in any field of text. */
    private static final List<String> TEXTS = List.of(
            "",
            "web",
            "a/b",
            "/",
            "/tmp/x",
            "..",
            "/a/../b",
            "a\0b",
            "\uFFFF",
            "-1",
            "0",
            "1000",
            "99999999999999999999",
            "example.com/busybox:1.36",
            "sha512-ab",
            "sha512-" + "a".repeat(128),
            "runtime/default",
            "localhost/x",
            "CAP_NET_ADMIN",
            "net.core.somaxconn",
            "kernel.shm_rmid_forced",
            "127.0.0.1",
            "::1",
            "x".repeat(300),
            "/" + "x/".repeat(3000));

    private final Channel channel;
    private final Choices choices;
    /** What the server called what it made: requests ask for these as well. */
    private final List<String> known = new ArrayList<>(TEXTS);

    RandomRequests(Channel channel, Choices choices) {
        this.channel = channel;
        this.choices = choices;
    }

    /** Sends one. @throws AssertionError if the answer blames the server, or does not come */
    void send() {
        send(METHODS.get(choices.below(METHODS.size())));
    }

    private <Q, R> void send(MethodDescriptor<Q, R> method) {
        var marshaller = (PrototypeMarshaller<Q>) method.getRequestMarshaller();
        Q request = marshaller.getMessageClass().cast(message((Message) marshaller.getMessagePrototype(), 0));
        try {
            answer(method, request);
        } catch (StatusRuntimeException e) {
            Status.Code code = e.getStatus().getCode();
            boolean isLate = code == Status.Code.DEADLINE_EXCEEDED && method.getType() == MethodType.UNARY;
            if (isLate || (BLAMES_THE_SERVER.contains(code) && !isOfPull(e.getStatus()))) {
                throw new AssertionError(method.getFullMethodName() + " of " + request + ": " + e.getStatus(), e);
            }
        }
    }

    /** The kubelet knows by such a word in front why an image was not pulled, and by no code: see {@link PullStatuses}. */
    private static boolean isOfPull(Status status) {
        return String.valueOf(status.getDescription()).matches("(SignatureValidationFailed|RegistryUnavailable): .*");
    }

    private <Q, R> void answer(MethodDescriptor<Q, R> method, Q request) {
        if (method.getType() == MethodType.UNARY) {
            var limit = CallOptions.DEFAULT.withDeadlineAfter(LIMIT_SECONDS, TimeUnit.SECONDS);
            remember((Message) ClientCalls.blockingUnaryCall(channel, method, limit, request));
        } else { // of events there is no end
            var limit = CallOptions.DEFAULT.withDeadlineAfter(STREAM_MILLIS, TimeUnit.MILLISECONDS);
            ClientCalls.blockingServerStreamingCall(channel, method, limit, request)
                    .forEachRemaining(message -> remember((Message) message));
        }
    }

    private void remember(Message answer) {
        answer.getAllFields().forEach((field, value) -> {
            if (value instanceof String text && field.getName().endsWith("_id") && known.size() < 200) {
                known.add(text);
            }
        });
    }

    private Message message(Message prototype, int depth) {
        Message.Builder builder = prototype.newBuilderForType();
        for (FieldDescriptor field : prototype.getDescriptorForType().getFields()) {
            if (depth < DEEPEST && choices.yes()) {
                set(builder, field, depth);
            }
        }
        return builder.build();
    }

    private void set(Message.Builder builder, FieldDescriptor field, int depth) {
        if (!field.isRepeated()) {
            builder.setField(field, value(builder, field, depth));
            return;
        }
        for (int i = choices.below(3); i > 0; i--) {
            builder.addRepeatedField(field, value(builder, field, depth));
        }
    }

    private Object value(Message.Builder builder, FieldDescriptor field, int depth) {
        return switch (field.getJavaType()) {
            case INT -> (int) number();
            case LONG -> number();
            case FLOAT -> (float) choices.whole();
            case DOUBLE -> (double) choices.whole();
            case BOOLEAN -> choices.yes();
            case STRING -> choices.below(8) == 0 ? choices.text() : known.get(choices.below(known.size()));
            case BYTE_STRING -> choices.yes() ? ByteString.copyFromUtf8("a") : choices.bytes();
            case ENUM ->
                field.getEnumType()
                        .getValues()
                        .get(choices.below(field.getEnumType().getValues().size()));
            case MESSAGE -> message(builder.newBuilderForField(field).build(), depth + 1);
        };
    }

    private long number() {
        return choices.yes() ? choices.below(4) : choices.whole();
    }
}
