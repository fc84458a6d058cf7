package io.aestus.cri;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What the kubelet wants back and nothing else here has a place for, kept among a pod's or app's annotations. The keys have a colon,
 * which annotations of Kubernetes cannot have.
 */
enum Kept {
    NAME,
    NAMESPACE,
    UID,
    ATTEMPT,
    HANDLER,
    PROCESSES,
    IMAGE,
    IMAGE_REFERENCE,
    USER_IMAGE;

    private static final String PREFIX = "cri:";

    private final String key;

    Kept() {
        this.key = PREFIX + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Empty text where nothing was kept. */
    String in(Map<String, String> annotations) {
        return annotations.getOrDefault(key, "");
    }

    /** Whether {@code annotations} are of something that was made through this interface. */
    boolean isIn(Map<String, String> annotations) {
        return annotations.containsKey(key);
    }

    /** The user's annotations and ours. */
    static Map<String, String> with(Map<String, String> annotations, Map<Kept, String> ours) {
        Map<String, String> all = new HashMap<>(annotations);
        ours.forEach((kept, value) -> all.put(kept.key, value));
        return all;
    }

    /** The user's annotations alone. */
    static Map<String, String> without(Map<String, String> annotations) {
        Map<String, String> users = new HashMap<>(annotations);
        users.keySet().removeIf(key -> key.startsWith(PREFIX));
        return users;
    }
}
