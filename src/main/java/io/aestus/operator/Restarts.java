package io.aestus.operator;

import io.aestus.executor.AppState;
import io.aestus.executor.AppStatus;
import io.aestus.executor.PodStatus;
import io.aestus.executor.RestartPolicy;
import io.aestus.operator.v1alpha1.AppPodSpec;
import io.aestus.operator.v1alpha1.AppSpec;
import java.util.Optional;

/** The restart policies of an AppPod. The executor follows them; here is only said which they are, and when all is over. */
final class Restarts {
    private Restarts() {}

    /** The app's own, else the pod's. */
    static RestartPolicy policy(AppPodSpec spec, String app) {
        var ofPod =
                spec.restartPolicy() == null ? io.aestus.operator.v1alpha1.RestartPolicy.ALWAYS : spec.restartPolicy();
        var wanted = spec.apps().stream()
                .filter(each -> each.name().equals(app))
                .findFirst()
                .map(AppSpec::restartPolicy)
                .orElse(ofPod);
        return switch (wanted) {
            case ALWAYS -> RestartPolicy.ALWAYS;
            case ON_FAILURE -> RestartPolicy.ON_FAILURE;
            case NEVER -> RestartPolicy.NEVER;
        };
    }

    /** Whether all apps have ended for good, and if so, whether all ended well. */
    static Optional<Boolean> finished(AppPodSpec spec, PodStatus pod) {
        boolean isSuccess = true;
        for (AppStatus app : pod.apps()) {
            if (app.awaitsConnection()
                    || !(app.state() instanceof AppState.Exited exited)
                    || policy(spec, app.name().value()).appliesTo(exited.status())) {
                return Optional.empty();
            }
            isSuccess &= exited.status().isSuccess();
        }
        return Optional.of(isSuccess);
    }
}
