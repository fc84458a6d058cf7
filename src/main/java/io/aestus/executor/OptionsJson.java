package io.aestus.executor;

import io.aestus.appc.AcName;
import io.aestus.executor.AppOptions.Device;
import io.aestus.executor.AppOptions.DeviceOwner;
import io.aestus.executor.AppOptions.ResourceLimit;
import io.aestus.executor.PodOptions.Dns;
import io.aestus.executor.PodOptions.HostsEntry;
import io.aestus.executor.PodOptions.UserNamespace;
import io.aestus.json.Json;
import io.aestus.json.JsonArray;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import io.aestus.network.Connections;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/** Options as they are written into the records of pods and apps. */
final class OptionsJson {
    private static final long HIGHEST_ID = 0xFFFF_FFFEL;

    private OptionsJson() {}

    static JsonObject of(PodOptions options) {
        return JsonObject.builder()
                .put("name", options.name())
                .put("life", word(options.life()))
                .put("strictness", word(options.strictness()))
                .put("hostname", options.hostname())
                .put("network", word(options.network()))
                .putUnlessEmpty("connections", options.connections().toJson())
                .put("dns", options.dns().map(OptionsJson::of))
                .putUnlessEmpty("hosts", Json.array(options.hosts(), OptionsJson::of))
                .put("hostsFile", word(options.hostsFile()))
                .put("ipc", word(options.ipc()))
                .put("userNamespace", of(options.userNamespace()))
                .put("metadata", word(options.metadata()))
                .put("logDirectory", options.logDirectory())
                .put("cgroupParent", options.cgroupParent())
                .putUnlessEmpty("labels", Json.stringMap(options.labels()))
                .putUnlessEmpty("annotations", Json.stringMap(options.annotations()))
                .build();
    }

    static PodOptions podOptions(JsonView view) {
        return new PodOptions(
                view.optional("name").map(name -> PodName.parse(name.string())),
                view.required("life").oneOf(words(PodOptions.Life.values())),
                view.required("strictness").oneOf(words(PodOptions.Strictness.values())),
                view.optional("hostname").map(JsonView::string),
                view.required("network").oneOf(words(PodOptions.NetworkMode.values())),
                view.optional("connections").map(Connections::read).orElse(Connections.NONE),
                view.optional("dns").map(OptionsJson::dns),
                view.list("hosts", OptionsJson::hostsEntry),
                view.optional("hostsFile")
                        .map(whose -> whose.oneOf(words(PodOptions.Sharing.values())))
                        .orElse(PodOptions.Sharing.POD),
                view.required("ipc").oneOf(words(PodOptions.Sharing.values())),
                userNamespace(view.required("userNamespace")),
                view.optional("metadata")
                        .map(metadata -> metadata.oneOf(words(PodOptions.Metadata.values())))
                        .orElse(PodOptions.Metadata.OFFERED),
                view.optional("logDirectory").map(OptionsJson::path),
                view.optional("cgroupParent").map(JsonView::string),
                view.stringMap("labels"),
                view.stringMap("annotations"));
    }

    static JsonObject of(AppOptions options) {
        return JsonObject.builder()
                .put("logPath", options.logPath())
                .put("terminal", word(options.terminal()))
                .put("stdin", word(options.stdin()))
                .put("privilege", word(options.privilege()))
                .put("processes", word(options.processes()))
                .put("processesOf", options.processesOf().map(AcName::value))
                .putUnlessEmpty("devices", Json.array(options.devices(), OptionsJson::of))
                .putUnlessEmpty("mountings", Json.array(options.mountings(), OptionsJson::of))
                .putUnlessEmpty("rlimits", Json.array(options.rlimits(), OptionsJson::of))
                .put("maskedPaths", options.maskedPaths().map(Json::strings))
                .put("readOnlyPaths", options.readOnlyPaths().map(Json::strings))
                .putUnlessEmpty("rights", of(options.rights()))
                .put("stopSignal", options.stopSignal())
                .put("restart", word(options.restart()))
                .putUnlessEmpty("edits", options.edits().toJson())
                .put("readiness", options.readiness().map(ReadinessProbe::toJson))
                .putUnlessEmpty("labels", Json.stringMap(options.labels()))
                .putUnlessEmpty("annotations", Json.stringMap(options.annotations()))
                .build();
    }

    static AppOptions appOptions(JsonView view) {
        return new AppOptions(
                view.optional("logPath").map(OptionsJson::path),
                view.required("terminal").oneOf(words(AppOptions.Terminal.values())),
                view.required("stdin").oneOf(words(AppOptions.Stdin.values())),
                view.required("privilege").oneOf(words(AppOptions.Privilege.values())),
                view.required("processes").oneOf(words(AppOptions.Processes.values())),
                view.optional("processesOf").map(name -> AcName.parse(name.string())),
                view.list("devices", OptionsJson::device),
                view.list("mountings", OptionsJson::mounting),
                view.list("rlimits", OptionsJson::limit),
                view.optional("maskedPaths").map(OptionsJson::strings),
                view.optional("readOnlyPaths").map(OptionsJson::strings),
                view.optional("rights").map(OptionsJson::rights).orElse(AppRights.USUAL),
                view.optional("stopSignal").map(JsonView::string),
                view.optional("restart")
                        .map(word -> word.oneOf(words(RestartPolicy.values())))
                        .orElse(RestartPolicy.NEVER),
                view.optional("edits").map(HostEdits::read).orElse(HostEdits.NONE),
                view.optional("readiness").map(ReadinessProbe::read),
                view.stringMap("labels"),
                view.stringMap("annotations"));
    }

    private static JsonObject of(Mounting mounting) {
        return JsonObject.builder()
                .put("path", mounting.path())
                .put("propagation", word(mounting.propagation()))
                .put("below", word(mounting.below()))
                .build();
    }

    private static Mounting mounting(JsonView view) {
        return new Mounting(
                view.required("path").string(),
                view.required("propagation").oneOf(words(Mounting.Propagation.values())),
                view.required("below").oneOf(words(Mounting.Below.values())));
    }

    private static JsonObject of(AppRights rights) {
        return rights.equals(AppRights.USUAL)
                ? JsonObject.EMPTY
                : JsonObject.builder()
                        .put("groups", word(rights.groups()))
                        .putUnlessEmpty("ambientCapabilities", Json.strings(rights.ambientCapabilities()))
                        .put("seccomp", rights.seccomp().map(SeccompProfile::json))
                        .build();
    }

    private static AppRights rights(JsonView view) {
        return new AppRights(
                view.required("groups").oneOf(words(AppRights.Groups.values())),
                view.strings("ambientCapabilities"),
                view.optional("seccomp").map(profile -> new SeccompProfile(profile.object())));
    }

    private static JsonObject of(Dns dns) {
        return JsonObject.builder()
                .put("nameservers", Json.strings(dns.nameservers()))
                .put("searches", Json.strings(dns.searches()))
                .put("options", Json.strings(dns.options()))
                .build();
    }

    private static Dns dns(JsonView view) {
        return new Dns(view.strings("nameservers"), view.strings("searches"), view.strings("options"));
    }

    private static JsonObject of(HostsEntry entry) {
        return JsonObject.builder()
                .put("address", entry.address())
                .put("names", Json.strings(entry.names()))
                .build();
    }

    private static HostsEntry hostsEntry(JsonView view) {
        return new HostsEntry(view.required("address").string(), view.strings("names"));
    }

    private static JsonObject of(UserNamespace users) {
        return switch (users) {
            case UserNamespace.Private _ ->
                JsonObject.builder().put("mode", "private").build();
            case UserNamespace.Host _ ->
                JsonObject.builder().put("mode", "host").build();
            case UserNamespace.Range(long base, long count) ->
                JsonObject.builder()
                        .put("mode", "range")
                        .put("base", base)
                        .put("count", count)
                        .build();
        };
    }

    private static UserNamespace userNamespace(JsonView view) {
        JsonView mode = view.required("mode");
        return switch (mode.string()) {
            case "private" -> UserNamespace.PRIVATE;
            case "host" -> UserNamespace.HOST;
            case "range" ->
                new UserNamespace.Range(
                        view.required("base").whole(1, Long.MAX_VALUE),
                        view.required("count").whole(1, Long.MAX_VALUE));
            default -> throw mode.failure("must be private, host or range");
        };
    }

    private static JsonObject of(Device device) {
        var json = JsonObject.builder()
                .put("hostPath", device.hostPath().toString())
                .put("path", device.path())
                .put("access", device.access());
        device.owner().ifPresent(owner -> json.put("user", Integer.toUnsignedLong(owner.user()))
                .put("group", Integer.toUnsignedLong(owner.group())));
        device.mode().ifPresent(mode -> json.put("mode", mode));
        return json.build();
    }

    private static Device device(JsonView view) {
        return new Device(
                path(view.required("hostPath")),
                view.required("path").string(),
                view.required("access").string(),
                view.optional("user")
                        .map(user -> new DeviceOwner((int) user.whole(0, HIGHEST_ID), (int)
                                view.required("group").whole(0, HIGHEST_ID))),
                view.optional("mode")
                        .map(mode -> OptionalInt.of(mode.wholeInt(0, 0777)))
                        .orElse(OptionalInt.empty()));
    }

    private static JsonObject of(ResourceLimit limit) {
        return JsonObject.builder()
                .put("name", limit.name())
                .put("soft", limit.soft())
                .put("hard", limit.hard())
                .build();
    }

    private static ResourceLimit limit(JsonView view) {
        return new ResourceLimit(
                view.required("name").string(),
                view.required("soft").whole(-1, Long.MAX_VALUE),
                view.required("hard").whole(-1, Long.MAX_VALUE));
    }

    static JsonArray of(List<IsolatorReport> reports) {
        return Json.array(reports, report -> JsonObject.builder()
                .put("name", report.name())
                .put("enforcement", word(report.enforcement()))
                .put("reason", report.reason())
                .build());
    }

    static List<IsolatorReport> reports(JsonView view, String field) {
        return view.list(
                field,
                report -> new IsolatorReport(
                        report.required("name").string(),
                        report.required("enforcement").oneOf(words(IsolatorReport.Enforcement.values())),
                        report.required("reason").string()));
    }

    static Path path(JsonView view) {
        return Path.of(view.string());
    }

    private static List<String> strings(JsonView view) {
        return view.elements().stream().map(JsonView::string).toList();
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static <E extends Enum<E>> Map<String, E> words(E[] constants) {
        var words = new LinkedHashMap<String, E>();
        for (E constant : constants) {
            words.put(word(constant), constant);
        }
        return words;
    }
}
