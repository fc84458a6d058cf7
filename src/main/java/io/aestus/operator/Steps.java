package io.aestus.operator;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AcName;
import io.aestus.executor.AppState;
import io.aestus.executor.AppStatus;
import io.aestus.executor.PodStatus;
import io.aestus.operator.v1alpha1.AppPod;
import io.aestus.operator.v1alpha1.AppPodStatus.Condition;
import io.aestus.operator.v1alpha1.AppPodStatus.Phase;
import io.aestus.operator.v1alpha1.AppPodStatus.Truth;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How far an AppPod has come: Resolved, Verified, Started, Ready. Each is false or unknown from the first that failed on.
 *
 * @param summary one word for people
 */
record Steps(Phase phase, String summary, List<Step> all) {
    private static final String WAITS = "waits for the step before";

    static List<Step> resolving() {
        return from(
                Step.no(Step.RESOLVED, Reasons.RESOLVING, "images are being fetched"),
                Step.unknown(Step.VERIFIED, Reasons.RESOLVING, WAITS));
    }

    static List<Step> notTranslated(AestusException why) {
        return from(
                Step.no(Step.RESOLVED, Reasons.translating(why.problem()), message(why)),
                Step.unknown(Step.VERIFIED, Reasons.NOT_STARTED, WAITS));
    }

    static List<Step> notResolved(AestusException why) {
        String reason = Reasons.resolving(why.problem());
        boolean isUntrue = why.problem() == Problem.UNTRUSTED || why.problem() == Problem.CORRUPT;
        return from(
                Step.no(Step.RESOLVED, reason, message(why)),
                isUntrue
                        ? Step.no(Step.VERIFIED, reason, message(why))
                        : Step.unknown(Step.VERIFIED, Reasons.NOT_STARTED, WAITS));
    }

    static List<Step> notStarted(Collection<NodePods.Image> images, AestusException why) {
        return List.of(
                resolved(images),
                verified(images),
                Step.no(Step.STARTED, Reasons.starting(why.problem()), message(why)),
                Step.no(Step.READY, Reasons.NOT_STARTED, WAITS));
    }

    private static List<Step> from(Step resolved, Step verified) {
        return List.of(
                resolved,
                verified,
                Step.no(Step.STARTED, Reasons.NOT_STARTED, WAITS),
                Step.no(Step.READY, Reasons.NOT_STARTED, WAITS));
    }

    /**
     * Of a pod that has started.
     *
     * @param finished whether all apps have ended well, once they have for good
     * @param ready the apps that are
     */
    static Steps of(Collection<NodePods.Image> images, PodStatus pod, Optional<Boolean> finished, Set<AcName> ready) {
        long running = pod.apps().stream()
                .filter(app -> app.state() instanceof AppState.Running || app.awaitsConnection())
                .count();
        String count = running + " of " + pod.apps().size() + " apps run, or start when somebody connects";
        Step readiness = finished.map(well -> well
                        ? Step.no(Step.READY, Reasons.APPS_COMPLETED, "all apps ended with exit code 0")
                        : Step.no(Step.READY, Reasons.APPS_FAILED, "all apps ended, not all well"))
                .orElseGet(() -> running == pod.apps().size()
                        ? readiness(pod, ready, count)
                        : Step.no(Step.READY, Reasons.APPS_NOT_RUNNING, count));
        Phase phase =
                finished.map(well -> well ? Phase.SUCCEEDED : Phase.FAILED).orElse(Phase.RUNNING);
        String summary =
                switch (phase) {
                    case SUCCEEDED -> "Completed";
                    case FAILED -> "Failed";
                    case RUNNING, PENDING, UNKNOWN ->
                        running == pod.apps().size() ? "Running" : Reasons.RESTART_BACK_OFF;
                };
        Step started = Step.yes(Step.STARTED, Reasons.POD_STARTED, "the pod was started");
        return new Steps(phase, summary, List.of(resolved(images), verified(images), started, readiness));
    }

    private static Step readiness(PodStatus pod, Set<AcName> ready, String count) {
        String waiting = pod.apps().stream()
                .map(AppStatus::name)
                .filter(app -> !ready.contains(app))
                .map(AcName::toString)
                .collect(Collectors.joining(", "));
        return waiting.isEmpty()
                ? Step.yes(Step.READY, Reasons.APPS_RUNNING, count)
                : Step.no(Step.READY, Reasons.APPS_NOT_READY, "the readiness probe does not succeed in " + waiting);
    }

    private static Step resolved(Collection<NodePods.Image> images) {
        return Step.yes(Step.RESOLVED, Reasons.IMAGES_RESOLVED, images.size() + " images are in the store");
    }

    private static Step verified(Collection<NodePods.Image> images) {
        String unsigned = images.stream()
                .filter(image -> image.signers().isEmpty())
                .map(image -> image.manifest().name().value())
                .distinct()
                .collect(Collectors.joining(", "));
        return unsigned.isEmpty()
                ? Step.yes(Step.VERIFIED, Reasons.SIGNED, "every image is signed by a trusted key")
                : Step.yes(Step.VERIFIED, Reasons.ADMITTED_UNSIGNED, "admitted without a signature: " + unsigned);
    }

    /** The conditions that an AppPod has, as steps. */
    static List<Step> before(AppPod pod) {
        List<Condition> before =
                pod.getStatus() == null ? List.of() : pod.getStatus().conditions();
        return before.stream()
                .map(condition -> new Step(
                        condition.type(),
                        condition.status(),
                        String.valueOf(condition.reason()),
                        String.valueOf(condition.message())))
                .toList();
    }

    /** The step that holds the others back. */
    static Step firstRefused(List<Step> steps) {
        return steps.stream()
                .filter(step -> step.truth() == Truth.FALSE)
                .findFirst()
                .orElseThrow();
    }

    private static String message(AestusException why) {
        return why.message() + why.remedy().map(remedy -> " (" + remedy + ")").orElse("");
    }
}
