package io.aestus.operator;

import io.aestus.appc.AcName;
import io.aestus.appc.ImageId;
import io.aestus.executor.AppState;
import io.aestus.executor.ExitStatus;
import io.aestus.executor.IsolatorReport;
import io.aestus.executor.PodStatus;
import io.aestus.operator.v1alpha1.AppPod;
import io.aestus.operator.v1alpha1.AppPodStatus;
import io.aestus.operator.v1alpha1.AppPodStatus.AppStatus;
import io.aestus.operator.v1alpha1.AppPodStatus.Condition;
import io.aestus.operator.v1alpha1.AppPodStatus.Exited;
import io.aestus.operator.v1alpha1.AppPodStatus.IsolatorStatus;
import io.aestus.operator.v1alpha1.AppPodStatus.Phase;
import io.aestus.operator.v1alpha1.AppPodStatus.Running;
import io.aestus.operator.v1alpha1.AppPodStatus.State;
import io.aestus.operator.v1alpha1.AppPodStatus.Waiting;
import io.aestus.operator.v1alpha1.AppSpec;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The status of an AppPod, made from what is known of its pod.
 *
 * @param pod the AppPod, with the status it had
 * @param actual its pod on this node
 * @param images those of the store
 * @param isReady whether an app that runs is ready
 */
record StatusReport(
        AppPod pod,
        Optional<PodStatus> actual,
        Function<ImageId, Optional<NodePods.Image>> images,
        Predicate<AcName> isReady,
        Instant now) {
    private static final int KEY_ID = 16;

    /**
     * The whole status.
     *
     * @param summary one word for people
     */
    AppPodStatus status(Phase phase, String summary, List<Step> steps) {
        List<AppStatus> apps = pod.getSpec().apps().stream().map(this::app).toList();
        long ready = apps.stream()
                .filter(app -> app.state() != null && (app.state().running() != null || awaits(app.state())))
                .filter(app -> isReady.test(AcName.parse(app.name())))
                .count();
        int restarts = apps.stream()
                .mapToInt(app -> app.restartCount() == null ? 0 : app.restartCount())
                .sum();
        return new AppPodStatus(
                phase,
                summary,
                ready + "/" + apps.size(),
                restarts,
                signers(apps),
                generation(),
                Fingerprint.of(pod.getSpec()),
                actual.map(status -> status.uuid().toString()).orElse(null),
                actual.map(PodStatus::addresses).orElse(List.of()),
                conditions(steps),
                apps);
    }

    private long generation() {
        Long generation = pod.getMetadata().getGeneration();
        return generation == null ? 0 : generation;
    }

    private List<Condition> conditions(List<Step> steps) {
        List<Condition> before =
                pod.getStatus() == null ? List.of() : pod.getStatus().conditions();
        return steps.stream().map(step -> step.since(before, generation(), now)).toList();
    }

    /** Short key IDs, so that the column stays narrow; the apps have whole fingerprints. */
    private static @Nullable String signers(List<AppStatus> apps) {
        var shown = new TreeSet<String>();
        for (AppStatus app : apps) {
            for (String fingerprint : app.signedBy()) {
                shown.add(fingerprint.substring(Math.max(0, fingerprint.length() - KEY_ID)));
            }
        }
        return shown.isEmpty() ? null : String.join(",", shown);
    }

    private AppStatus app(AppSpec spec) {
        var known = actual.flatMap(status -> status.apps().stream()
                .filter(app -> app.name().value().equals(spec.name()))
                .findFirst());
        if (known.isEmpty()) {
            var waiting = new State(new Waiting(Reasons.NOT_STARTED, null), null, null);
            return new AppStatus(spec.name(), spec.image().id(), List.of(), waiting, null, null, List.of());
        }
        var app = known.get();
        List<String> signers =
                images.apply(app.image()).map(NodePods.Image::signers).orElse(List.of());
        Exited exit = app.state() instanceof AppState.Exited exited ? exit(exited) : null;
        return new AppStatus(
                spec.name(),
                app.image().toString(),
                signers,
                state(app, exit),
                exit,
                Math.max(0, app.starts() - 1),
                app.isolators().stream().map(StatusReport::isolator).toList());
    }

    private static boolean awaits(State state) {
        return state.waiting() != null && state.waiting().reason().equals(Reasons.AWAITING_CONNECTION);
    }

    private State state(io.aestus.executor.AppStatus app, @Nullable Exited exit) {
        if (app.awaitsConnection()) {
            return new State(new Waiting(Reasons.AWAITING_CONNECTION, "starts when somebody connects"), null, null);
        }
        return switch (app.state()) {
            case AppState.Created _ -> new State(new Waiting(Reasons.APP_STARTING, null), null, null);
            case AppState.Running(Instant since, long _) -> new State(null, new Running(since.toString()), null);
            case AppState.Exited exited ->
                app.due()
                        .map(at -> new State(waiting(exited, at), null, null))
                        .orElseGet(() -> new State(null, null, exit));
        };
    }

    private static Waiting waiting(AppState.Exited exited, Instant due) {
        return new Waiting(Reasons.RESTART_BACK_OFF, explain(exited.status()) + "; starts again at " + due);
    }

    static String explain(ExitStatus status) {
        String why = status.message();
        return "exit code " + status.code() + (why.isEmpty() ? "" : ": " + why);
    }

    private static Exited exit(AppState.Exited exited) {
        Integer signal = exited.status().ending() instanceof ExitStatus.Ending.Signal(int number, boolean _)
                ? Integer.valueOf(number)
                : null;
        return new Exited(
                exited.at().toString(),
                exited.status().code(),
                signal,
                exited.status().reason().word());
    }

    private static IsolatorStatus isolator(IsolatorReport report) {
        String enforcement =
                switch (report.enforcement()) {
                    case ENFORCED -> "Enforced";
                    case PARTLY -> "Partly";
                    case UNSUPPORTED -> "Unsupported";
                };
        return new IsolatorStatus(report.name(), enforcement, report.reason().isEmpty() ? null : report.reason());
    }
}
