package io.aestus.discovery;

import io.aestus.appc.Labels;

/**
 * What discovery may do, and what it fills in.
 *
 * @param allowsHttpImages plain http is tried where https fails, and http templates count
 * @param allowsHttpKeys the same for keys
 * @param defaults labels that a query leaves open, such as this host's {@code os} and {@code arch}
 */
public record DiscoveryPolicy(boolean allowsHttpImages, boolean allowsHttpKeys, Labels defaults) {
    /** https alone. */
    public static DiscoveryPolicy strict(Labels defaults) {
        return new DiscoveryPolicy(false, false, defaults);
    }
}
