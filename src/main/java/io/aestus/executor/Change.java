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
    /** What it is about, for errors. */
    String what(PodUuid pod);

    /** Makes it. */
    void on(PodRun pods, OwnedPod pod) throws IOException, InterruptedException;

    JsonObject toJson();

    /**
     * What can be done about it when the owner does not answer.
     *
     * @return whether that was all
     */
    default boolean without(ForeignPods foreign, PodUuid pod) throws IOException, InterruptedException {
        return false;
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

    record AddApp(AppSpec spec) implements Change {
        @Override
        public String what(PodUuid pod) {
            return "add an app to pod " + pod;
        }

        @Override
        public void on(PodRun pods, OwnedPod pod) throws IOException, InterruptedException {
            pods.changes().add(pod, spec);
        }

        @Override
        public JsonObject toJson() {
            return of("add-app")
                    .put("app", spec.app().toJson())
                    .put("options", OptionsJson.of(spec.options()))
                    .build();
        }
    }

    record StartApp(AcName name) implements Change {
        @Override
        public String what(PodUuid pod) {
            return "start app " + name;
        }

        @Override
        public void on(PodRun pods, OwnedPod pod) throws IOException, InterruptedException {
            pods.apps().start(pod, name);
        }

        @Override
        public JsonObject toJson() {
            return of("start-app", name).build();
        }
    }

    record StopApp(AcName name, StopOptions how) implements Change {
        @Override
        public String what(PodUuid pod) {
            return "stop app " + name;
        }

        @Override
        public void on(PodRun pods, OwnedPod pod) throws IOException, InterruptedException {
            pods.apps().stops().stop(pod, name, how);
        }

        @Override
        public boolean without(ForeignPods foreign, PodUuid pod) throws IOException, InterruptedException {
            return foreign.stop(pod, name, how);
        }

        @Override
        public JsonObject toJson() {
            return with(of("stop-app", name), how);
        }
    }

    record RemoveApp(AcName name) implements Change {
        @Override
        public String what(PodUuid pod) {
            return "remove app " + name;
        }

        @Override
        public void on(PodRun pods, OwnedPod pod) throws IOException, InterruptedException {
            pods.apps().remove(pod, name);
        }

        @Override
        public JsonObject toJson() {
            return of("remove-app", name).build();
        }
    }

    record LimitApp(AcName name, Isolators limits) implements Change {
        @Override
        public String what(PodUuid pod) {
            return "limit app " + name;
        }

        @Override
        public void on(PodRun pods, OwnedPod pod) throws IOException, InterruptedException {
            pods.changes().limit(pod, name, limits);
        }

        @Override
        public JsonObject toJson() {
            return of("limit-app", name).put("isolators", limits.toJson()).build();
        }
    }

    record SetPolicy(AcName name, RestartPolicy policy) implements Change {
        @Override
        public String what(PodUuid pod) {
            return "set the restart policy of app " + name;
        }

        @Override
        public void on(PodRun pods, OwnedPod pod) throws IOException, InterruptedException {
            pods.changes().setPolicy(pod, name, policy);
        }

        @Override
        public JsonObject toJson() {
            return of("set-policy", name).put("policy", policy.name()).build();
        }
    }

    record SetReadiness(AcName name, Optional<ReadinessProbe> probe) implements Change {
        @Override
        public String what(PodUuid pod) {
            return "set the readiness probe of app " + name;
        }

        @Override
        public void on(PodRun pods, OwnedPod pod) throws IOException, InterruptedException {
            pods.apps().setReadiness(pod, name, probe);
        }

        @Override
        public JsonObject toJson() {
            return of("set-readiness", name)
                    .put("probe", probe.map(ReadinessProbe::toJson))
                    .build();
        }
    }

    record PausePod() implements Change {
        @Override
        public String what(PodUuid pod) {
            return "pause pod " + pod;
        }

        @Override
        public void on(PodRun pods, OwnedPod pod) throws IOException, InterruptedException {
            pods.pauses().pause(pod);
        }

        @Override
        public JsonObject toJson() {
            return of("pause-pod").build();
        }
    }

    record ResumePod() implements Change {
        @Override
        public String what(PodUuid pod) {
            return "resume pod " + pod;
        }

        @Override
        public void on(PodRun pods, OwnedPod pod) throws IOException, InterruptedException {
            pods.pauses().resume(pod);
            pods.settle(pod);
        }

        @Override
        public JsonObject toJson() {
            return of("resume-pod").build();
        }
    }

    record StopPod(StopOptions how) implements Change {
        @Override
        public String what(PodUuid pod) {
            return "stop pod " + pod;
        }

        @Override
        public void on(PodRun pods, OwnedPod pod) throws IOException, InterruptedException {
            if (pod.isLive()) {
                pods.stop(pod, how);
            }
        }

        @Override
        public boolean without(ForeignPods foreign, PodUuid pod) throws IOException, InterruptedException {
            return foreign.stop(pod, how);
        }

        @Override
        public JsonObject toJson() {
            return with(of("stop-pod"), how);
        }
    }
}
