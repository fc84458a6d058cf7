package io.aestus.appc;

import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A program that runs before an app's main process or after it.
 *
 * @param exec the program and its arguments, never empty
 */
public record EventHandler(Event event, List<String> exec) {
    private static final Map<String, Event> EVENTS = events();

    /** When a handler runs. */
    public enum Event {
        /** Runs and must exit with 0 before the main process starts. */
        PRE_START("pre-start"),
        /** Runs when the main process has ended; cannot be relied upon. */
        POST_STOP("post-stop");

        private final String word;

        Event(String word) {
            this.word = word;
        }

        /** As it stands in manifests. */
        @Override
        public String toString() {
            return word;
        }
    }

    public EventHandler {
        exec = List.copyOf(exec);
        if (exec.isEmpty()) {
            throw new IllegalArgumentException(event + " without a program");
        }
    }

    private static Map<String, Event> events() {
        var events = new LinkedHashMap<String, Event>();
        for (Event event : Event.values()) {
            events.put(event.toString(), event);
        }
        return events;
    }

    static EventHandler read(JsonView view) {
        JsonView exec = view.required("exec");
        Event event = view.required("name").oneOf(EVENTS);
        List<String> words = App.readExec(exec);
        if (words.isEmpty()) {
            throw exec.failure("must not be empty");
        }
        return new EventHandler(event, words);
    }

    JsonObject toJson() {
        return JsonObject.builder()
                .put("name", event.toString())
                .put("exec", Json.strings(exec))
                .build();
    }
}
