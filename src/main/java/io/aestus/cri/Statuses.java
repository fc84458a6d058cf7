package io.aestus.cri;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/** Turns what went wrong into what the kubelet reads. */
final class Statuses {
    private static final System.Logger LOG = System.getLogger(Statuses.class.getName());

    private Statuses() {}

    static StatusRuntimeException of(Throwable failure) {
        return switch (failure) {
            case StatusRuntimeException already -> already;
            case AestusException problem ->
                code(problem.problem())
                        .withDescription(message(problem))
                        .withCause(problem)
                        .asRuntimeException();
            case TimeoutException late ->
                Status.DEADLINE_EXCEEDED
                        .withDescription(late.getMessage())
                        .withCause(late)
                        .asRuntimeException();
            case InterruptedException stopped ->
                Status.UNAVAILABLE
                        .withDescription("the agent is stopping")
                        .withCause(stopped)
                        .asRuntimeException();
            default -> {
                LOG.log(System.Logger.Level.ERROR, "internal error in a CRI call", failure);
                yield Status.INTERNAL
                        .withDescription("internal error: " + failure)
                        .withCause(failure)
                        .asRuntimeException();
            }
        };
    }

    /**
     * The same for pulling an image, where the kubelet tells two cases apart by the first word of a message, and only if its code
     * is unknown.
     */
    static StatusRuntimeException ofPull(Throwable failure) {
        if (failure instanceof AestusException problem) {
            Optional<String> word = pullWord(problem.problem());
            if (word.isPresent()) {
                return Status.UNKNOWN
                        .withDescription(word.get() + ": " + message(problem))
                        .withCause(problem)
                        .asRuntimeException();
            }
        }
        return of(failure);
    }

    private static Optional<String> pullWord(Problem problem) {
        return switch (problem) {
            case UNTRUSTED -> Optional.of("SignatureValidationFailed");
            case UNAVAILABLE -> Optional.of("RegistryUnavailable");
            case INVALID, NOT_FOUND, CONFLICT, DENIED, UNSUPPORTED, EXHAUSTED, CORRUPT -> Optional.empty();
        };
    }

    static Status code(Problem problem) {
        return switch (problem) {
            case INVALID -> Status.INVALID_ARGUMENT;
            case NOT_FOUND -> Status.NOT_FOUND;
            case CONFLICT -> Status.FAILED_PRECONDITION;
            case UNTRUSTED, DENIED -> Status.PERMISSION_DENIED;
            case UNSUPPORTED -> Status.UNIMPLEMENTED;
            case EXHAUSTED -> Status.RESOURCE_EXHAUSTED;
            case UNAVAILABLE -> Status.UNAVAILABLE;
            case CORRUPT -> Status.DATA_LOSS;
        };
    }

    private static String message(AestusException problem) {
        return problem.message()
                + problem.remedy().map(remedy -> " [" + remedy + "]").orElse("");
    }
}
