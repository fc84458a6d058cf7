package io.aestus.executor;

import io.aestus.appc.AcName;
import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import io.aestus.appc.RuntimeApp;
import io.aestus.executor.ExitStatus.Ending;
import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import io.aestus.network.Attachment;
import java.util.HashMap;
import java.util.Map;

/** The records of pods and apps as JSON, with the states in it. */
final class RecordJson {
    /** Of both records; a higher one is refused rather than misread. */
    private static final int FORMAT = 1;

    private RecordJson() {}

    static JsonObject of(PodRecord pod) {
        return JsonObject.builder()
                .put("format", FORMAT)
                .put("uuid", pod.uuid().toString())
                .put("created", pod.created())
                .put("state", of(pod.state()))
                .put("stage1", pod.stage1())
                .put("cgroup", pod.cgroup())
                .put("process", pod.process().map(RecordJson::of))
                .putIfTrue("isPaused", pod.isPaused())
                .put("place", pod.place())
                .put("metadata", pod.metadata().map(MetadataAddress::toJson))
                .putUnlessEmpty("networks", Json.array(pod.networks(), Attachment::toJson))
                .put("isolators", OptionsJson.of(pod.isolators()))
                .put("options", OptionsJson.of(pod.options()))
                .build();
    }

    static PodRecord pod(JsonView view, PodManifest manifest) {
        requireFormat(view);
        return new PodRecord(
                view.required("uuid").parsed(PodUuid::parse),
                manifest,
                OptionsJson.podOptions(view.required("options")),
                view.required("created").instant(),
                podState(view.required("state")),
                view.required("stage1").string(),
                view.required("cgroup").string(),
                view.optional("process").map(RecordJson::process),
                view.isTrue("isPaused"),
                view.required("place").object(),
                view.optional("metadata").map(MetadataAddress::read),
                view.list("networks", Attachment::read),
                OptionsJson.reports(view, "isolators"));
    }

    static JsonObject of(AppRecord app) {
        return JsonObject.builder()
                .put("format", FORMAT)
                .put("ordinal", app.ordinal())
                .put("created", app.created())
                .put("state", of(app.state()))
                .put("starts", app.starts())
                .put("restarts", app.restarts().toJson())
                .put("notice", app.notice().map(AppNotice::toJson))
                .putIfTrue("passesProbe", app.passesProbe())
                .putIfTrue("awaitsHandler", app.awaitsHandler())
                .put("process", app.process().map(RecordJson::of))
                .put("confinement", app.confinement())
                .put("isolators", OptionsJson.of(app.isolators()))
                .put("options", OptionsJson.of(app.options()))
                .put("app", app.app().toJson())
                .build();
    }

    static AppRecord app(JsonView view) {
        requireFormat(view);
        RuntimeApp app = RuntimeApp.read(view.required("app"));
        return new AppRecord(
                app.name(),
                view.required("ordinal").whole(0, Long.MAX_VALUE),
                app,
                OptionsJson.appOptions(view.required("options")),
                view.required("created").instant(),
                appState(view.required("state")),
                view.required("starts").wholeInt(0, Integer.MAX_VALUE),
                view.optional("restarts").map(AppRestarts::read).orElse(AppRestarts.NONE),
                view.optional("notice").map(AppNotice::read),
                view.isTrue("passesProbe"),
                view.isTrue("awaitsHandler"),
                view.optional("process").map(RecordJson::process),
                view.required("confinement").object(),
                OptionsJson.reports(view, "isolators"));
    }

    private static void requireFormat(JsonView view) {
        view.required("format").whole(FORMAT, FORMAT);
    }

    private static JsonObject of(PodState state) {
        return switch (state) {
            case PodState.Prepared(var at) -> is("prepared").put("at", at).build();
            case PodState.Starting(var at) -> is("starting").put("at", at).build();
            case PodState.Running(var since, long pid) ->
                is("running").put("since", since).put("pid", pid).build();
            case PodState.Exited(var at, var exits) ->
                is("exited").put("at", at).put("exits", of(exits)).build();
            case PodState.Aborted(var at, String why) ->
                is("aborted").put("at", at).put("why", why).build();
        };
    }

    private static PodState podState(JsonView view) {
        JsonView is = view.required("is");
        return switch (is.string()) {
            case "prepared" -> new PodState.Prepared(view.required("at").instant());
            case "starting" -> new PodState.Starting(view.required("at").instant());
            case "running" -> new PodState.Running(view.required("since").instant(), pid(view.required("pid")));
            case "exited" -> new PodState.Exited(view.required("at").instant(), exits(view.required("exits")));
            case "aborted" ->
                new PodState.Aborted(
                        view.required("at").instant(), view.required("why").string());
            default -> throw is.failure("is no state of a pod");
        };
    }

    private static JsonObject of(AppState state) {
        return switch (state) {
            case AppState.Created() -> is("created").build();
            case AppState.Running(var since, long pid) ->
                is("running").put("since", since).put("pid", pid).build();
            case AppState.Exited(var since, var at, var status) ->
                is("exited")
                        .put("since", since)
                        .put("at", at)
                        .put("status", of(status))
                        .build();
        };
    }

    private static AppState appState(JsonView view) {
        JsonView is = view.required("is");
        return switch (is.string()) {
            case "created" -> new AppState.Created();
            case "running" -> new AppState.Running(view.required("since").instant(), pid(view.required("pid")));
            case "exited" ->
                new AppState.Exited(
                        view.required("since").instant(),
                        view.required("at").instant(),
                        exitStatus(view.required("status")));
            default -> throw is.failure("is no state of an app");
        };
    }

    private static JsonObject of(Map<AcName, ExitStatus> exits) {
        var object = JsonObject.builder();
        exits.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(exit -> object.put(exit.getKey().toString(), of(exit.getValue())));
        return object.build();
    }

    private static Map<AcName, ExitStatus> exits(JsonView view) {
        var exits = new HashMap<AcName, ExitStatus>();
        view.fields().forEach((name, status) -> exits.put(AcName.parse(name), exitStatus(status)));
        return exits;
    }

    static JsonObject of(ExitStatus status) {
        var object = JsonObject.builder();
        switch (status.ending()) {
            case Ending.Code(int value) -> object.put("code", value);
            case Ending.Signal(int number, boolean core) ->
                object.put("signal", number).putIfTrue("core", core);
            case Ending.NotStarted(String why) -> object.put("notStarted", why);
            case Ending.Unknown(String why) -> object.put("unknown", why);
        }
        return object.putIfTrue("outOfMemory", status.outOfMemory()).build();
    }

    static ExitStatus exitStatus(JsonView view) {
        return new ExitStatus(ending(view), view.isTrue("outOfMemory"));
    }

    private static Ending ending(JsonView view) {
        var code = view.optional("code");
        if (code.isPresent()) {
            return new Ending.Code(code.get().wholeInt(0, 255));
        }
        var signal = view.optional("signal");
        if (signal.isPresent()) {
            return new Ending.Signal(signal.get().wholeInt(1, 127), view.isTrue("core"));
        }
        var notStarted = view.optional("notStarted");
        if (notStarted.isPresent()) {
            return new Ending.NotStarted(notStarted.get().string());
        }
        return new Ending.Unknown(view.required("unknown").string());
    }

    private static JsonObject of(ProcessIdentity process) {
        return JsonObject.builder()
                .put("pid", process.pid())
                .put("startTicks", process.startTicks())
                .put("boot", process.boot())
                .build();
    }

    private static ProcessIdentity process(JsonView view) {
        return new ProcessIdentity(
                pid(view.required("pid")),
                view.required("startTicks").whole(0, Long.MAX_VALUE),
                view.required("boot").string());
    }

    private static long pid(JsonView view) {
        return view.whole(1, Integer.MAX_VALUE);
    }

    private static JsonObject.Builder is(String word) {
        return JsonObject.builder().put("is", word);
    }
}
