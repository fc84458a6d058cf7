package io.aestus.operator;

import io.aestus.operator.v1alpha1.AppPod;
import java.util.Map;
import java.util.Optional;

/**
 * Which AppPod a pod of the executor was made for, written on the pod itself as labels. So an agent that starts anew, or
 * one whose status was lost, recognises its pods.
 *
 * @param source name of the {@link PodSource}
 * @param uid tells an AppPod from an earlier one of the same name
 * @param fingerprint of all that a pod cannot change while it runs
 */
record Ownership(String source, PodKey key, String uid, String fingerprint) {
    private static final String SOURCE = "aestus.io/apppod-source";
    private static final String NAMESPACE = "aestus.io/apppod-namespace";
    private static final String NAME = "aestus.io/apppod-name";
    private static final String UID = "aestus.io/apppod-uid";
    private static final String FINGERPRINT = "aestus.io/apppod-fingerprint";
    private static final String GENERATION = "aestus.io/apppod-generation";

    static Ownership of(String source, AppPod pod) {
        return new Ownership(source, PodKey.of(pod), pod.getMetadata().getUid(), Fingerprint.of(pod.getSpec()));
    }

    /** Whom a pod belongs to; empty if it was not made for an AppPod. */
    static Optional<Ownership> read(Map<String, String> labels) {
        String source = labels.get(SOURCE);
        String namespace = labels.get(NAMESPACE);
        String name = labels.get(NAME);
        String uid = labels.get(UID);
        String fingerprint = labels.get(FINGERPRINT);
        if (source == null || namespace == null || name == null || uid == null || fingerprint == null) {
            return Optional.empty();
        }
        return Optional.of(new Ownership(source, new PodKey(namespace, name), uid, fingerprint));
    }

    /** @param generation for people; what counts is the fingerprint */
    Map<String, String> labels(long generation) {
        return Map.of(
                SOURCE,
                source,
                NAMESPACE,
                key.namespace(),
                NAME,
                key.name(),
                UID,
                uid,
                FINGERPRINT,
                fingerprint,
                GENERATION,
                Long.toString(generation));
    }

    boolean isOf(String otherSource, PodKey otherKey) {
        return source.equals(otherSource) && key.equals(otherKey);
    }
}
