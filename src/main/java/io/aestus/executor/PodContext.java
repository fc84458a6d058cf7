package io.aestus.executor;

import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;

/**
 * What the start of a pod left for the starts of its apps, in the pod's record.
 *
 * @param firstProcess the first process, as the host counts
 * @param users as whom its users are seen by the host
 */
record PodContext(long firstProcess, UserRange users) {
    JsonObject toJson() {
        var json = JsonObject.builder().put("firstProcess", firstProcess);
        users.addTo(json);
        return json.build();
    }

    static PodContext read(JsonObject record) {
        JsonView json = JsonView.of(record, "the record of the pod");
        return new PodContext(json.required("firstProcess").whole(1, Integer.MAX_VALUE), UserRange.read(json));
    }
}
