package io.aestus.appc;

import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One way to confine an app or a pod. Those that Aestus does not know are kept as they are and told about.
 *
 * @see <a href="https://github.com/appc/spec/blob/v0.8.11/spec/ace.md#isolators">appc: Isolators</a>
 */
public sealed interface Isolator permits ResourceIsolator, LinuxIsolator, Isolator.Sysctl, Isolator.Unknown {
    /** The isolator's name in manifests. */
    String name();

    /** The isolator's value in manifests. */
    Json value();

    /** True if it means something for a single app. */
    default boolean appliesToApps() {
        return !(this instanceof Sysctl);
    }

    /** True if it means something for a pod as a whole. */
    default boolean appliesToPods() {
        return !(this instanceof LinuxIsolator) || this instanceof LinuxIsolator.SelinuxContext;
    }

    default JsonObject toJson() {
        return JsonObject.builder().put("name", name()).put("value", value()).build();
    }

    /** Kernel parameters of the pod. */
    record Sysctl(Map<String, String> parameters) implements Isolator {
        public static final String NAME = "os/unix/sysctl";

        public Sysctl {
            parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
        }

        @Override
        public String name() {
            return NAME;
        }

        @Override
        public Json value() {
            return Json.stringMap(parameters);
        }
    }

    /** Any other isolator: never enforced, always reported, written back as it was. */
    record Unknown(String name, Json value) implements Isolator {}
}
