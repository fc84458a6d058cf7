package io.aestus.client;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Map;

/** Turns status codes back into problems. */
final class Refusals {
    /** With what a failed pull may begin: words that the kubelet knows, where it knows no code. */
    private static final Map<String, Problem> PULL_WORDS =
            Map.of("SignatureValidationFailed: ", Problem.UNTRUSTED, "RegistryUnavailable: ", Problem.UNAVAILABLE);

    private Refusals() {}

    /** @param what {@code cannot VERB OBJECT}, for answers that do not say it themselves */
    static AestusException of(String what, StatusRuntimeException refused) {
        Status status = refused.getStatus();
        String said = said(status);
        for (Map.Entry<String, Problem> word : PULL_WORDS.entrySet()) {
            if (said.startsWith(word.getKey())) {
                return new AestusException(
                        word.getValue(), said.substring(word.getKey().length()), refused);
            }
        }
        String message = said.startsWith("cannot ") ? said : what + ": " + said + reason(refused);
        return new AestusException(problem(status.getCode()), message, refused);
    }

    /** Of its own deadline the transport tells in its own words, with the insides of its call. */
    private static String said(Status status) {
        String description = status.getDescription();
        if (description == null) {
            return status.getCode().name();
        }
        return status.getCode() == Status.Code.DEADLINE_EXCEEDED && description.contains("deadline exceeded after")
                ? "there was no answer in time"
                : description;
    }

    /** The transport says only that it failed; the machine's own reason is in its cause. */
    private static String reason(StatusRuntimeException refused) {
        return refused.getCause() == null ? "" : ": " + refused.getCause().getMessage();
    }

    private static Problem problem(Status.Code code) {
        return switch (code) {
            case INVALID_ARGUMENT, OUT_OF_RANGE -> Problem.INVALID;
            case NOT_FOUND -> Problem.NOT_FOUND;
            case FAILED_PRECONDITION, ALREADY_EXISTS, ABORTED -> Problem.CONFLICT;
            case PERMISSION_DENIED, UNAUTHENTICATED -> Problem.DENIED;
            case UNIMPLEMENTED -> Problem.UNSUPPORTED;
            case RESOURCE_EXHAUSTED -> Problem.EXHAUSTED;
            case DATA_LOSS -> Problem.CORRUPT;
            case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, UNKNOWN, INTERNAL, OK -> Problem.UNAVAILABLE;
        };
    }
}
