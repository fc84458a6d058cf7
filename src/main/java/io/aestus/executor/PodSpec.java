package io.aestus.executor;

import io.aestus.appc.AcName;
import io.aestus.appc.PodManifest;
import java.util.Map;
import java.util.Optional;

/**
 * A pod as asked for: what its manifest says, and what the manifest has no words for.
 *
 * @param manifest reified: every app names its image by ID, and that image is in the store
 * @param options of the pod
 * @param apps options of its apps; the default for those that are not in it
 * @param stage1 what isolates it; empty for what the node uses
 */
public record PodSpec(
        PodManifest manifest, PodOptions options, Map<AcName, AppOptions> apps, Optional<Stage1Name> stage1) {
    public PodSpec {
        apps = Map.copyOf(apps);
    }

    /** Isolated as the node does it. */
    public PodSpec(PodManifest manifest, PodOptions options, Map<AcName, AppOptions> apps) {
        this(manifest, options, apps, Optional.empty());
    }

    public static PodSpec of(PodManifest manifest) {
        return new PodSpec(manifest, PodOptions.DEFAULT, Map.of());
    }

    public PodSpec withOptions(PodOptions newOptions) {
        return new PodSpec(manifest, newOptions, apps, stage1);
    }

    public PodSpec withApps(Map<AcName, AppOptions> newApps) {
        return new PodSpec(manifest, options, newApps, stage1);
    }

    public PodSpec withStage1(Optional<Stage1Name> newStage1) {
        return new PodSpec(manifest, options, apps, newStage1);
    }
}
