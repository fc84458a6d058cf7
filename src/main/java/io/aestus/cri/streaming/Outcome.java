package io.aestus.cri.streaming;

import io.aestus.json.JsonArray;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** How a command ended, as its client is told: an object of Kubernetes' kind {@code Status}, or in older versions a text. */
sealed interface Outcome {
    /** With code 0, or in an attachment at all. */
    record Success() implements Outcome {}

    record ExitCode(int code) implements Outcome {}

    /** It could not be started, or its streams could not be had. */
    record Failed(String message) implements Outcome {}

    static Outcome ofCode(int code) {
        return code == 0 ? new Success() : new ExitCode(code);
    }

    default byte[] in(Protocol protocol) {
        return protocol.hasStatusObject() ? JsonWriter.compact(status()) : text().getBytes(StandardCharsets.UTF_8);
    }

    private String text() {
        return switch (this) {
            case Success _ -> "";
            case ExitCode(int code) -> "command terminated with exit code " + code;
            case Failed(String message) -> message;
        };
    }

    private JsonObject status() {
        var status = JsonObject.builder().put("metadata", JsonObject.EMPTY);
        return switch (this) {
            case Success _ -> status.put("status", "Success").build();
            case ExitCode(int code) ->
                status.put("status", "Failure")
                        .put("message", text())
                        .put("reason", "NonZeroExitCode")
                        .put(
                                "details",
                                JsonObject.builder()
                                        .put(
                                                "causes",
                                                new JsonArray(List.of(JsonObject.builder()
                                                        .put("reason", "ExitCode")
                                                        .put("message", Integer.toString(code))
                                                        .build())))
                                        .build())
                        .build();
            case Failed(String message) ->
                status.put("status", "Failure")
                        .put("message", message)
                        .put("reason", "InternalError")
                        .put("code", 500)
                        .build();
        };
    }
}
