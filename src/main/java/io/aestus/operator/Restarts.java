package io.aestus.operator;

import io.aestus.executor.AppState;
import io.aestus.executor.AppStatus;
import io.aestus.executor.PodStatus;
import io.aestus.operator.v1alpha1.AppPodSpec;
import io.aestus.operator.v1alpha1.AppSpec;
import io.aestus.operator.v1alpha1.RestartPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What is to be done with an app: derived from its state alone, so that an agent that was replaced meanwhile decides the
 * same. An app that ended is started again after a wait that doubles with each start; one that ran for a while begins anew.
 */
final class Restarts {
    /** An app that ran as long as this has recovered. */
    static final Duration RECOVERED = Duration.ofMinutes(10);

    /** What is to be done with an app. */
    sealed interface Verdict {
        /** It runs. */
        record Leave() implements Verdict {}

        /** It has ended and stays so. */
        record Finished(boolean isSuccess) implements Verdict {}

        /** It is to be started, not before {@code at}. */
        record StartAt(Instant at) implements Verdict {}
    }

    private Restarts() {}

    static RestartPolicy policy(AppPodSpec spec, String app) {
        RestartPolicy ofPod = spec.restartPolicy() == null ? RestartPolicy.ALWAYS : spec.restartPolicy();
        return spec.apps().stream()
                .filter(each -> each.name().equals(app))
                .findFirst()
                .map(AppSpec::restartPolicy)
                .orElse(ofPod);
    }

    static Verdict verdict(AppStatus app, RestartPolicy policy) {
        return switch (app.state()) {
            case AppState.Running _ -> new Verdict.Leave();
            case AppState.Created _ -> new Verdict.StartAt(Instant.EPOCH);
            case AppState.Exited exited -> {
                boolean isSuccess = exited.status().isSuccess();
                boolean again =
                        switch (policy) {
                            case ALWAYS -> true;
                            case ON_FAILURE -> !isSuccess;
                            case NEVER -> false;
                        };
                yield again
                        ? new Verdict.StartAt(exited.at().plus(wait(app, exited)))
                        : new Verdict.Finished(isSuccess);
            }
        };
    }

    /** Whether all apps have ended for good, and if so, whether all ended well. */
    static Optional<Boolean> finished(AppPodSpec spec, PodStatus pod) {
        boolean isSuccess = true;
        for (AppStatus app : pod.apps()) {
            if (!(verdict(app, policy(spec, app.name().value())) instanceof Verdict.Finished(boolean well))) {
                return Optional.empty();
            }
            isSuccess &= well;
        }
        return Optional.of(isSuccess);
    }

    /** Nothing after the first run or a long one. */
    private static Duration wait(AppStatus app, AppState.Exited exited) {
        Duration ran = Duration.between(exited.since(), exited.at());
        return ran.compareTo(RECOVERED) >= 0 ? Duration.ZERO : Backoff.RESTARTS.after(app.starts() - 1);
    }
}
