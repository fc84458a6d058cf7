package io.aestus.executor;

import io.aestus.appc.AcName;
import io.aestus.appc.PodManifest;
import java.util.Map;

/**
 * A pod as asked for: what its manifest says, and what the manifest has no words for.
 *
 * @param manifest reified: every app names its image by ID, and that image is in the store
 * @param options of the pod
 * @param apps options of its apps; the default for those that are not in it
 */
public record PodSpec(PodManifest manifest, PodOptions options, Map<AcName, AppOptions> apps) {
    public PodSpec {
        apps = Map.copyOf(apps);
    }

    public static PodSpec of(PodManifest manifest) {
        return new PodSpec(manifest, PodOptions.DEFAULT, Map.of());
    }

    public PodSpec withOptions(PodOptions newOptions) {
        return new PodSpec(manifest, newOptions, apps);
    }

    public PodSpec withApps(Map<AcName, AppOptions> newApps) {
        return new PodSpec(manifest, options, newApps);
    }
}
