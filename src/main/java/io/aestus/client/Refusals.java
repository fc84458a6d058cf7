package io.aestus.client;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/** Turns status codes back into problems. */
final class Refusals {
    /** What a pull begins with when a signature is at fault: the kubelet knows this word, and no code for it. */
    private static final String SIGNATURE = "SignatureValidationFailed";

    private Refusals() {}

    /** @param what {@code cannot VERB OBJECT}, for answers that do not say it themselves */
    static AestusException of(String what, StatusRuntimeException refused) {
        Status status = refused.getStatus();
        String said = status.getDescription() == null ? status.getCode().name() : status.getDescription();
        if (said.startsWith(SIGNATURE)) {
            return new AestusException(Problem.UNTRUSTED, said.substring(SIGNATURE.length() + 2), refused);
        }
        String message = said.startsWith("cannot ") ? said : what + ": " + said + reason(refused);
        return new AestusException(problem(status.getCode()), message, refused);
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
