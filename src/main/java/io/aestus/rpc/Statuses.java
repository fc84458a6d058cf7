package io.aestus.rpc;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.TimeoutException;

/** Turns what went wrong into what a caller reads. */
public final class Statuses {
    private static final System.Logger LOG = System.getLogger(Statuses.class.getName());

    private Statuses() {}

    /** Anything; what is our own mistake is logged, and called so. */
    public static StatusRuntimeException of(Throwable failure) {
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
                LOG.log(System.Logger.Level.ERROR, "internal error in a call", failure);
                yield Status.INTERNAL
                        .withDescription("internal error: " + failure)
                        .withCause(failure)
                        .asRuntimeException();
            }
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

    /** The sentence, with its remedy in brackets. */
    public static String message(AestusException problem) {
        return problem.message()
                + problem.remedy().map(remedy -> " [" + remedy + "]").orElse("");
    }
}
