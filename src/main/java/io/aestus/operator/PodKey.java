package io.aestus.operator;

import io.aestus.operator.v1alpha1.AppPod;

/**
 * What an AppPod is called.
 *
 * @param namespace in a manifest directory {@code default} unless said
 */
public record PodKey(String namespace, String name) {
    static PodKey of(AppPod pod) {
        return new PodKey(pod.getMetadata().getNamespace(), pod.getMetadata().getName());
    }

    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
