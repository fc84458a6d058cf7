package io.aestus.cri;

import io.aestus.appc.AcName;
import io.aestus.appc.PodUuid;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * How containers are named to the kubelet: 16 digits that stand for the app in its pod, then the 32 of the pod. So an ID leads to its pod
 * without a table, and the first digits, which are all that crictl shows and people type, tell containers apart.
 */
record ContainerId(String text) {
    private static final Pattern WHOLE = Pattern.compile("[0-9a-f]{48}");
    private static final int APP_DIGITS = 16;
    private static final int MOST_KNOWN = 4096;

    static ContainerId of(PodUuid pod, AcName app) {
        return new ContainerId(digits(pod, app) + pod.toString().replace("-", ""));
    }

    /** Empty unless {@code text} is a whole ID. */
    static Optional<ContainerId> parse(String text) {
        return WHOLE.matcher(text).matches() ? Optional.of(new ContainerId(text)) : Optional.empty();
    }

    PodUuid pod() {
        String hex = text.substring(APP_DIGITS);
        return new PodUuid(new UUID(
                Long.parseUnsignedLong(hex.substring(0, 16), 16), Long.parseUnsignedLong(hex.substring(16), 16)));
    }

    boolean isOf(AcName app) {
        return text.startsWith(digits(pod(), app));
    }

    private record Place(PodUuid pod, AcName app) {}

    /** Those of the containers that were asked for last: each list asks for all of them, once a second. */
    private static final Map<Place, String> KNOWN = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Place, String> eldest) {
            return size() > MOST_KNOWN;
        }
    };

    private static String digits(PodUuid pod, AcName app) {
        synchronized (KNOWN) {
            return KNOWN.computeIfAbsent(new Place(pod, app), place -> hashed(place.pod(), place.app()));
        }
    }

    private static String hashed(PodUuid pod, AcName app) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest((pod + "/" + app.value()).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, APP_DIGITS / 2);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
