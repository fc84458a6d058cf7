package io.aestus.cri;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.rpc.Statuses;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Optional;

/**
 * What went wrong when an image was pulled: the kubelet tells two cases apart by the first word of a message, and only if its code is
 * unknown.
 */
final class PullStatuses {
    private PullStatuses() {}

    static StatusRuntimeException of(Throwable failure) {
        if (failure instanceof AestusException problem) {
            Optional<String> word = word(problem.problem());
            if (word.isPresent()) {
                return Status.UNKNOWN
                        .withDescription(word.get() + ": " + Statuses.message(problem))
                        .withCause(problem)
                        .asRuntimeException();
            }
        }
        return Statuses.of(failure);
    }

    private static Optional<String> word(Problem problem) {
        return switch (problem) {
            case UNTRUSTED -> Optional.of("SignatureValidationFailed");
            case UNAVAILABLE -> Optional.of("RegistryUnavailable");
            case INVALID, NOT_FOUND, CONFLICT, DENIED, UNSUPPORTED, EXHAUSTED, CORRUPT -> Optional.empty();
        };
    }
}
