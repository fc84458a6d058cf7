package io.aestus.executor;

import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import io.aestus.linux.Interfaces;

/**
 * A network interface of the host that an app has while it runs.
 *
 * @param onHost what it is called there
 * @param inPod what it is called meanwhile
 */
public record MovedInterface(String onHost, String inPod) {
    JsonObject toJson() {
        return JsonObject.builder()
                .put("hostInterfaceName", onHost)
                .put("name", inPod)
                .build();
    }

    /** Reads what {@link #toJson} writes, which is also what files of the Container Device Interface have. */
    public static MovedInterface read(JsonView json) {
        String onHost = name(json.required("hostInterfaceName"));
        return new MovedInterface(
                onHost, json.optional("name").map(MovedInterface::name).orElse(onHost));
    }

    private static String name(JsonView view) {
        if (!Interfaces.isName(view.string())) {
            throw view.failure("must be the name of an interface, of 15 characters at most");
        }
        return view.string();
    }
}
