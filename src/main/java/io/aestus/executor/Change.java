package io.aestus.executor;

import io.aestus.appc.AcName;
import io.aestus.appc.Isolators;
import io.aestus.appc.PodUuid;
import io.aestus.appc.RuntimeApp;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * A change of a pod that only its owner makes. It can be written down, so that a process that is not the owner can ask for
 * it; see {@link Changes}.
 */
sealed interface Change {
    record AddApp(AppSpec spec) implements Change {}

    record StartApp(AcName name) implements Change {}

    record StopApp(AcName name, StopOptions how) implements Change {}

    record RemoveApp(AcName name) implements Change {}

    record LimitApp(AcName name, Isolators limits) implements Change {}

    record SetPolicy(AcName name, RestartPolicy policy) implements Change {}

    record SetReadiness(AcName name, Optional<ReadinessProbe> probe) implements Change {}

    record PausePod() implements Change {}

    record ResumePod() implements Change {}

    record StopPod(StopOptions how) implements Change {}

    /** What it is about, for errors. */
    default String what(PodUuid pod) {
        return switch (this) {
            case AddApp _ -> "add an app to pod " + pod;
            case StartApp(var name) -> "start app " + name;
            case StopApp(var name, var _) -> "stop app " + name;
            case RemoveApp(var name) -> "remove app " + name;
            case LimitApp(var name, var _) -> "limit app " + name;
            case SetPolicy(var name, var _) -> "set the restart policy of app " + name;
            case SetReadiness(var name, var _) -> "set the readiness probe of app " + name;
            case PausePod _ -> "pause pod " + pod;
            case ResumePod _ -> "resume pod " + pod;
            case StopPod _ -> "stop pod " + pod;
        };
    }

    /** Makes it. */
    default void on(PodRun pods, OwnedPod pod) throws IOException, InterruptedException {
        switch (this) {
            case AddApp(var spec) -> pods.changes().add(pod, spec);
            case StartApp(var name) -> pods.apps().start(pod, name);
            case StopApp(var name, var how) -> pods.apps().stops().stop(pod, name, how);
            case RemoveApp(var name) -> pods.apps().remove(pod, name);
            case LimitApp(var name, var limits) -> pods.changes().limit(pod, name, limits);
            case SetPolicy(var name, var policy) -> pods.changes().setPolicy(pod, name, policy);
            case SetReadiness(var name, var probe) -> pods.apps().setReadiness(pod, name, probe);
            case PausePod _ -> pods.pauses().pause(pod);
            case ResumePod _ -> {
                pods.pauses().resume(pod);
                pods.settle(pod);
            }
            case StopPod(var how) -> {
                if (pod.isLive()) {
                    pods.stop(pod, how);
                }
            }
        }
    }

    /**
     * What can be done about it when the owner does not answer.
     *
     * @return whether that was all
     */
    default boolean without(ForeignPods foreign, PodUuid pod) throws IOException, InterruptedException {
        return switch (this) {
            case StopApp(var name, var how) -> foreign.stop(pod, name, how);
            case StopPod(var how) -> foreign.stop(pod, how);
            case AddApp _, StartApp _, RemoveApp _, LimitApp _, SetPolicy _, SetReadiness _, PausePod _, ResumePod _ ->
                false;
        };
    }

    // --- written down

    default JsonObject toJson() {
        return switch (this) {
            case AddApp(var spec) ->
                of("add-app")
                        .put("app", spec.app().toJson())
                        .put("options", OptionsJson.of(spec.options()))
                        .build();
            case StartApp(var name) -> of("start-app", name).build();
            case StopApp(var name, var how) -> with(of("stop-app", name), how);
            case RemoveApp(var name) -> of("remove-app", name).build();
            case LimitApp(var name, var limits) ->
                of("limit-app", name).put("isolators", limits.toJson()).build();
            case SetPolicy(var name, var policy) ->
                of("set-policy", name).put("policy", policy.name()).build();
            case SetReadiness(var name, var probe) ->
                of("set-readiness", name)
                        .put("probe", probe.map(ReadinessProbe::toJson))
                        .build();
            case PausePod _ -> of("pause-pod").build();
            case ResumePod _ -> of("resume-pod").build();
            case StopPod(var how) -> with(of("stop-pod"), how);
        };
    }

    private static JsonObject.Builder of(String kind) {
        return JsonObject.builder().put("do", kind);
    }

    private static JsonObject.Builder of(String kind, AcName name) {
        return of(kind).put("name", name.toString());
    }

    private static JsonObject with(JsonObject.Builder change, StopOptions how) {
        how.signal().ifPresent(signal -> change.put("signal", signal));
        return change.put("grace", how.grace().toNanos()).build();
    }

    static Change read(JsonView view) {
        JsonView kind = view.required("do");
        return switch (kind.string()) {
            case "add-app" ->
                new AddApp(new AppSpec(
                        RuntimeApp.read(view.required("app")), OptionsJson.appOptions(view.required("options"))));
            case "start-app" -> new StartApp(name(view));
            case "stop-app" -> new StopApp(name(view), how(view));
            case "remove-app" -> new RemoveApp(name(view));
            case "limit-app" -> new LimitApp(name(view), Isolators.read(view.required("isolators")));
            case "set-policy" ->
                new SetPolicy(name(view), view.required("policy").parsed(RestartPolicy::valueOf));
            case "set-readiness" ->
                new SetReadiness(name(view), view.optional("probe").map(ReadinessProbe::read));
            case "pause-pod" -> new PausePod();
            case "resume-pod" -> new ResumePod();
            case "stop-pod" -> new StopPod(how(view));
            default -> throw kind.failure("is no change of a pod");
        };
    }

    private static AcName name(JsonView view) {
        return view.required("name").parsed(AcName::parse);
    }

    private static StopOptions how(JsonView view) {
        Duration grace = view.required("grace").nanoseconds();
        Optional<Integer> signal = view.optional("signal").map(number -> number.wholeInt(0, 64));
        return new StopOptions(grace, signal);
    }
}
