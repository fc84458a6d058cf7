package io.aestus.operator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.aestus.operator.v1alpha1.AppPodSpec;
import io.aestus.operator.v1alpha1.AppSpec;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Tells two specs apart by what a running pod cannot change. Restart policies, probes and the grace period are not part of it:
 * these count at the moment they are needed.
 */
final class Fingerprint {
    private static final int BYTES = 16;

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private Fingerprint() {}

    static String of(AppPodSpec spec) {
        try {
            byte[] text = JSON.writeValueAsString(lasting(spec)).getBytes(StandardCharsets.UTF_8);
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text);
            return HexFormat.of().formatHex(digest, 0, BYTES);
        } catch (JsonProcessingException | NoSuchAlgorithmException e) {
            throw new IllegalStateException("cannot fingerprint a spec", e);
        }
    }

    private static AppPodSpec lasting(AppPodSpec spec) {
        return new AppPodSpec(
                null, // where it runs is decided before
                null,
                null,
                spec.strict(),
                spec.stage1(),
                spec.userNamespace(),
                spec.network(),
                spec.hostname(),
                spec.dns(),
                spec.isolators(),
                spec.volumes(),
                spec.apps().stream().map(Fingerprint::lasting).toList(),
                spec.annotations(),
                spec.userAnnotations(),
                spec.userLabels());
    }

    private static AppSpec lasting(AppSpec app) {
        return new AppSpec(
                app.name(),
                app.image(),
                app.exec(),
                app.user(),
                app.group(),
                app.supplementaryGroups(),
                app.workingDirectory(),
                app.environment(),
                app.ports(),
                app.mounts(),
                app.resources(),
                app.isolators(),
                app.eventHandlers(),
                app.eventHandlerTimeoutSeconds(),
                null,
                app.readOnlyRootFilesystem(),
                null);
    }
}
