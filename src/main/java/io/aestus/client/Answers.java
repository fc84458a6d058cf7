package io.aestus.client;

import io.aestus.json.Json;
import io.aestus.json.JsonArray;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonString;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The answers as JSON, for scripts. */
final class Answers {
    private Answers() {}

    static <T> JsonArray all(List<T> answers, Function<T, Json> each) {
        return new JsonArray(answers.stream().map(each).toList());
    }

    static JsonObject version(RuntimeVersion from) {
        return JsonObject.builder()
                .put("name", from.name())
                .put("version", from.version())
                .put("api", from.api())
                .build();
    }

    static JsonObject status(NodeStatus from) {
        return JsonObject.builder()
                .put("ready", from.isReady())
                .put("conditions", all(from.conditions(), Answers::condition))
                .build();
    }

    private static JsonObject condition(NodeStatus.Condition from) {
        return JsonObject.builder()
                .put("type", from.type())
                .put("met", from.isMet())
                .put("reason", from.reason())
                .put("message", from.message())
                .build();
    }

    static JsonObject sandbox(Sandbox from) {
        return JsonObject.builder()
                .put("id", from.id())
                .put("namespace", from.namespace())
                .put("name", from.name())
                .put("uid", from.uid())
                .put("attempt", from.attempt())
                .put("state", from.state().name())
                .put("createdAt", from.createdAt())
                .putUnlessEmpty("labels", map(from.labels()))
                .putUnlessEmpty("annotations", map(from.annotations()))
                .build();
    }

    static JsonObject container(Container from) {
        return JsonObject.builder()
                .put("id", from.id())
                .put("sandbox", from.sandbox())
                .put("name", from.name())
                .put("attempt", from.attempt())
                .put("image", from.image())
                .put("state", from.state().name())
                .put("createdAt", from.createdAt())
                .putUnlessEmpty("labels", map(from.labels()))
                .putUnlessEmpty("annotations", map(from.annotations()))
                .build();
    }

    static JsonObject report(ContainerReport from) {
        return JsonObject.builder()
                .put("id", from.id())
                .put("name", from.name())
                .put("state", from.state().name())
                .put("createdAt", from.createdAt())
                .put("startedAt", from.startedAt())
                .put("end", from.end().map(Answers::end))
                .put("logPath", from.logPath())
                .build();
    }

    private static JsonObject end(ContainerReport.End from) {
        return JsonObject.builder()
                .put("at", from.at())
                .put("code", from.code())
                .put("reason", from.reason())
                .put("message", from.message())
                .build();
    }

    static JsonObject image(Image from) {
        return JsonObject.builder()
                .put("id", from.id())
                .put(
                        "names",
                        new JsonArray(
                                from.names().stream().<Json>map(JsonString::new).toList()))
                .put("bytes", from.bytes())
                .build();
    }

    static JsonObject pulled(String id) {
        return JsonObject.builder().put("id", id).build();
    }

    private static JsonObject map(Map<String, String> from) {
        var object = JsonObject.builder();
        from.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(entry -> object.put(entry.getKey(), entry.getValue()));
        return object.build();
    }
}
