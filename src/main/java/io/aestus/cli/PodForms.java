package io.aestus.cli;

import io.aestus.appc.AcIdentifier;
import io.aestus.appc.AcName;
import io.aestus.executor.AppNotice;
import io.aestus.executor.AppState;
import io.aestus.executor.AppStatus;
import io.aestus.executor.ExitStatus;
import io.aestus.executor.IsolatorReport;
import io.aestus.executor.PodOptions.NetworkMode;
import io.aestus.executor.PodState;
import io.aestus.executor.PodStatus;
import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.network.Attachment;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** How pods and apps are shown: the words for people, and JSON with the field names that rkt's users know. */
final class PodForms {
    private PodForms() {}

    static String word(AppState state) {
        return switch (state) {
            case AppState.Created _ -> "created";
            case AppState.Running _ -> "running";
            case AppState.Exited _ -> "exited";
        };
    }

    /** How a pod does. */
    static Ink.Tone tone(PodStatus pod) {
        return switch (pod.state()) {
            case PodState.Prepared _ -> Ink.Tone.NEUTRAL;
            case PodState.Starting _ -> Ink.Tone.DOUBTFUL;
            case PodState.Running _ -> pod.isReady() ? Ink.Tone.GOOD : Ink.Tone.DOUBTFUL;
            case PodState.Exited exited -> exited.code() == 0 ? Ink.Tone.FAINT : Ink.Tone.BAD;
            case PodState.Aborted _ -> Ink.Tone.BAD;
        };
    }

    /** A moment, as whoever is used to that name has it. */
    static String time(Instant at, Dialect dialect) {
        return switch (dialect) {
            case AESTUS -> at.toString();
            case RKT -> RktTime.of(at);
        };
    }

    static String word(NetworkMode network) {
        return network.name().toLowerCase(Locale.ROOT);
    }

    /** What people call the pod; empty if it has no name. */
    static String name(PodStatus pod) {
        return pod.options().name().isPresent() ? pod.options().name().get().value() : "";
    }

    /** Those of its manifest and those that the front gave it. */
    static Map<String, String> labels(PodStatus pod) {
        var labels = new TreeMap<>(pod.manifest().userLabels());
        labels.putAll(pod.options().labels());
        return labels;
    }

    /** The pod's networks and its addresses there, such as {@code default:ip4=172.16.28.3}; else the mode. */
    static String networks(PodStatus pod) {
        return pod.networks().isEmpty()
                ? word(pod.options().network())
                : pod.networks().stream().map(Attachment::toString).collect(Collectors.joining(","));
    }

    /** When the pod's first process was made, if it ever was. */
    static Optional<Instant> started(PodStatus pod) {
        if (pod.state() instanceof PodState.Running running) {
            return Optional.of(running.since());
        }
        return pod.state() instanceof PodState.Exited
                ? pod.apps().stream()
                        .flatMap(app -> started(app.state()).stream())
                        .min(Instant::compareTo)
                : Optional.empty();
    }

    static Optional<Instant> started(AppState state) {
        return switch (state) {
            case AppState.Created _ -> Optional.empty();
            case AppState.Running(Instant since, long _) -> Optional.of(since);
            case AppState.Exited(Instant since, Instant _, ExitStatus _) -> Optional.of(since);
        };
    }

    /** The image's name with its version, or its ID where the pod was made from one. */
    static String imageName(AppStatus app) {
        return app.app().image().name().map(name -> nameAndVersion(name, app)).orElseGet(() -> shortId(app));
    }

    private static String nameAndVersion(AcIdentifier name, AppStatus app) {
        return name
                + app.app()
                        .image()
                        .labels()
                        .version()
                        .map(version -> ":" + version)
                        .orElse("");
    }

    static String shortId(AppStatus app) {
        return "sha512-" + app.image().hex().substring(0, 12);
    }

    /** Such as {@code 3 minutes ago}. */
    static String ago(Instant then, Instant now) {
        long seconds = Math.max(0, Duration.between(then, now).toSeconds());
        if (seconds < 60) {
            return count(seconds, "second") + " ago";
        }
        if (seconds < 3600) {
            return count(seconds / 60, "minute") + " ago";
        }
        if (seconds < 48 * 3600) {
            return count(seconds / 3600, "hour") + " ago";
        }
        return count(seconds / 86400, "day") + " ago";
    }

    private static String count(long number, String unit) {
        return number + " " + unit + (number == 1 ? "" : "s");
    }

    static JsonObject json(PodStatus pod) {
        var json = JsonObject.builder()
                .put("name", pod.uuid().toString())
                .put("pod_name", pod.options().name())
                .put("state", pod.word())
                .put("stage1", pod.stage1())
                .put("network", word(pod.options().network()))
                .put("ips", Json.strings(pod.addresses()))
                .putUnlessEmpty("networks", Json.array(pod.networks(), PodForms::json))
                .put(
                        "app_names",
                        Json.strings(pod.apps().stream()
                                .map(app -> app.name().toString())
                                .toList()))
                .put("apps", Json.array(pod.apps(), PodForms::json))
                .put("created_at", pod.created().getEpochSecond())
                .put("created", pod.created().toString());
        started(pod).ifPresent(at -> json.put("started_at", at.getEpochSecond()).put("started", at.toString()));
        switch (pod.state()) {
            case PodState.Running(Instant _, long pid) -> json.put("pid", pid).put("ready", pod.isReady());
            case PodState.Exited exited ->
                json.put("exit_code", exited.code()).put("exited", exited.at().toString());
            case PodState.Aborted(Instant _, String why) -> json.put("reason", why);
            case PodState.Prepared _, PodState.Starting _ -> {}
        }
        return json.put("user_annotations", Json.stringMap(pod.manifest().userAnnotations()))
                .put("user_labels", Json.stringMap(pod.manifest().userLabels()))
                .put("labels", Json.stringMap(labels(pod)))
                .build();
    }

    private static JsonObject json(Attachment network) {
        return JsonObject.builder()
                .put("netName", network.network())
                .put("ifName", network.interfaceName())
                .put("ip", network.addresses().stream().findFirst())
                .put("ips", Json.strings(network.addresses()))
                .build();
    }

    static JsonObject json(AppStatus app) {
        var json = JsonObject.builder()
                .put("name", app.name().toString())
                .put("state", word(app.state()))
                .put("image_name", imageName(app))
                .put("image_id", app.image().toString())
                .put("created", app.created().toString());
        started(app.state()).ifPresent(at -> json.put("started", at.toString()));
        switch (app.state()) {
            case AppState.Running(Instant _, long pid) -> json.put("pid", pid).put("ready", app.isReady());
            case AppState.Exited(Instant _, Instant at, ExitStatus status) ->
                json.put("finished", at.toString())
                        .put("exit_code", status.code())
                        .put("reason", status.reason().word())
                        .put("message", status.message());
            case AppState.Created _ -> {}
        }
        json.putIfTrue("awaits_connection", app.awaitsConnection());
        app.notice().map(AppNotice::text).filter(text -> !text.isEmpty()).ifPresent(text -> json.put("status", text));
        app.due().ifPresent(at -> json.put("next_start", at.toString()));
        return json.put(
                        "restart",
                        app.options().restart().name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .put("starts", app.starts())
                .put("log", app.logPath().toString())
                .put("isolators", Json.array(app.isolators(), PodForms::json))
                .build();
    }

    private static JsonObject json(IsolatorReport report) {
        var json = JsonObject.builder()
                .put("name", report.name())
                .put("enforcement", report.enforcement().name().toLowerCase(Locale.ROOT));
        if (!report.reason().isEmpty()) {
            json.put("reason", report.reason());
        }
        return json.build();
    }

    /** The only app of a pod, or the one that was named. */
    static AcName theApp(PodStatus pod, Optional<String> named) {
        if (named.isPresent()) {
            return pod.requireApp(AcName.parse(named.get())).name();
        }
        if (pod.apps().size() == 1) {
            return pod.apps().getFirst().name();
        }
        throw new WrongUsage("cannot choose an app of pod " + pod.uuid() + ": it has "
                        + pod.apps().size())
                .withRemedy("--app "
                        + String.join(
                                "|",
                                pod.apps().stream()
                                        .map(app -> app.name().toString())
                                        .toList()));
    }
}
