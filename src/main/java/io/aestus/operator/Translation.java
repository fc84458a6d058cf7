package io.aestus.operator;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.AbsolutePath;
import io.aestus.appc.AcIdentifier;
import io.aestus.appc.AcName;
import io.aestus.appc.AcVersion;
import io.aestus.appc.Annotation;
import io.aestus.appc.Annotations;
import io.aestus.appc.ImageId;
import io.aestus.appc.Mount;
import io.aestus.appc.PodManifest;
import io.aestus.appc.Quantity;
import io.aestus.appc.RuntimeApp;
import io.aestus.appc.RuntimeImage;
import io.aestus.appc.Volume;
import io.aestus.executor.AppOptions;
import io.aestus.executor.PodOptions;
import io.aestus.executor.PodSpec;
import io.aestus.executor.Stage1Name;
import io.aestus.fetch.ImageReference;
import io.aestus.json.JsonObject;
import io.aestus.network.Connections;
import io.aestus.network.NetworkChoice;
import io.aestus.network.PortMapping;
import io.aestus.operator.v1alpha1.AppPod;
import io.aestus.operator.v1alpha1.AppPodSpec;
import io.aestus.operator.v1alpha1.AppPodSpec.NetworkMode;
import io.aestus.operator.v1alpha1.AppPodSpec.UserNamespaceMode;
import io.aestus.operator.v1alpha1.AppSpec;
import io.aestus.operator.v1alpha1.AppSpec.PortSpec;
import io.aestus.operator.v1alpha1.VolumeSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * From an AppPod to what the executor runs: a pod manifest of the App Container schema, and options for what that has no
 * words for. Every rule of the schema is checked on the way, whatever the API server let through.
 */
final class Translation {
    /** Stands for an image that is not known yet. */
    private static final ImageId ANY = new ImageId("0".repeat(128));

    private Translation() {}

    /**
     * Checks all that can be known before images are fetched.
     *
     * @throws AestusException {@link Problem#INVALID}, {@link Problem#UNSUPPORTED}
     */
    static void check(AppPodSpec spec) {
        connected(PodOptions.DEFAULT, spec);
        spec.volumes().forEach(Translation::checkVolume);
        IsolatorLists.read("the pod", spec.isolators());
        for (AppSpec app : spec.apps()) {
            AcName.parse(app.name());
            checkImage("app " + Quoted.of(app.name()), app.image());
            AppOverrides.check(app);
            app.ports().forEach(port -> checkPort(spec, app, port));
            ReadinessProbes.check(app);
        }
    }

    /**
     * Translates an AppPod whose images are there.
     *
     * @param images by app
     * @param volumeImages by volume
     * @throws AestusException as {@link #check}, and {@link Problem#INVALID} when an image does not say how it is run
     */
    static PodSpec toPod(
            AppPod pod,
            Map<String, NodePods.Image> images,
            Map<String, NodePods.Image> volumeImages,
            Map<String, String> labels) {
        AppPodSpec spec = pod.getSpec();
        check(spec);
        List<RuntimeApp> apps = spec.apps().stream()
                .map(app -> runtimeApp(app, Objects.requireNonNull(images.get(app.name()), app.name())))
                .toList();
        var manifest = new PodManifest(
                AcVersion.CURRENT,
                apps,
                spec.volumes().stream()
                        .map(volume -> volume(volume, volumeImages))
                        .toList(),
                IsolatorLists.read("the pod", spec.isolators()),
                annotations(spec.annotations()),
                List.of(),
                spec.userAnnotations(),
                spec.userLabels(),
                JsonObject.EMPTY);
        return PodSpec.of(manifest)
                .withOptions(options(pod, labels))
                .withApps(appOptions(spec, apps, images))
                .withStage1(stage1(spec));
    }

    /** Apps that fly are among the processes of the host. */
    private static Map<AcName, AppOptions> appOptions(
            AppPodSpec spec, List<RuntimeApp> apps, Map<String, NodePods.Image> images) {
        AppOptions every =
                isFly(spec) ? AppOptions.DEFAULT.withProcesses(AppOptions.Processes.HOST) : AppOptions.DEFAULT;
        var options = new LinkedHashMap<AcName, AppOptions>();
        for (int i = 0; i < apps.size(); i++) {
            AppSpec app = spec.apps().get(i);
            NodePods.Image image = Objects.requireNonNull(images.get(app.name()), app.name());
            var readiness = ReadinessProbes.of(app, apps.get(i).effective(image.manifest()));
            options.put(
                    apps.get(i).name(),
                    every.withRestart(Restarts.policy(spec, app.name()))
                            .withReadiness(readiness)
                            .fittedTo(image.manifest()));
        }
        return options;
    }

    private static boolean isFly(AppPodSpec spec) {
        return stage1(spec).filter(Stage1Name.Fly.class::isInstance).isPresent();
    }

    private static Optional<Stage1Name> stage1(AppPodSpec spec) {
        return Optional.ofNullable(spec.stage1()).map(Stage1Name::parse);
    }

    private static Annotations annotations(AppSpec app) {
        return app.eventHandlerTimeoutSeconds() == null
                ? Annotations.NONE
                : Annotations.NONE.with(Annotations.EVENT_HANDLER_TIMEOUT, app.eventHandlerTimeoutSeconds() + "s");
    }

    private static RuntimeApp runtimeApp(AppSpec app, NodePods.Image image) {
        AcName name = AcName.parse(app.name());
        var runtime = new RuntimeApp(
                name,
                new RuntimeImage(
                        Optional.of(image.id()),
                        Optional.of(image.manifest().name()),
                        image.manifest().labels()),
                AppOverrides.apply(app, image.manifest()),
                Boolean.TRUE.equals(app.readOnlyRootFilesystem()),
                app.mounts().stream()
                        .map(mount -> Mount.of(AcName.parse(mount.volume()), AbsolutePath.parse(mount.path())))
                        .toList(),
                annotations(app),
                JsonObject.EMPTY);
        runtime.effective(image.manifest()); // says what is missing
        return runtime;
    }

    /** All that can be known of it before its image is there. */
    private static void checkVolume(VolumeSpec volume) {
        int ways = (volume.emptyDir() == null ? 0 : 1)
                + (volume.hostPath() == null ? 0 : 1)
                + (volume.image() == null ? 0 : 1);
        AcName name = AcName.parse(volume.name());
        if (ways != 1) {
            throw new AestusException(
                    Problem.INVALID,
                    "cannot make volume " + name + ": it is not exactly one of emptyDir, hostPath and image");
        }
        if (volume.image() == null) {
            volume(volume, Map.of());
        } else {
            checkImage("volume " + name, volume.image().source());
            files(name, volume.image(), ANY);
        }
    }

    private static Volume.Image files(AcName name, VolumeSpec.ImageFiles files, ImageId image) {
        return new Volume.Image(name, image, files.subPath() == null ? "" : files.subPath());
    }

    private static Volume volume(VolumeSpec volume, Map<String, NodePods.Image> images) {
        AcName name = AcName.parse(volume.name());
        if (volume.image() != null) {
            var image = Objects.requireNonNull(images.get(volume.name()), volume.name());
            return files(name, volume.image(), image.id());
        }
        if (volume.hostPath() != null) {
            boolean readOnly = Boolean.TRUE.equals(volume.hostPath().readOnly());
            return new Volume.Host(name, AbsolutePath.parse(volume.hostPath().path()), readOnly, true);
        }
        var directory = Objects.requireNonNull(volume.emptyDir(), volume.name());
        Optional<Quantity> limit =
                Optional.ofNullable(directory.sizeLimit()).map(size -> Quantity.parse(size.toString()));
        if (directory.medium() == VolumeSpec.Medium.MEMORY) {
            return Volume.Empty.named(name).inMemory(limit);
        }
        if (limit.isPresent()) {
            throw new AestusException(
                            Problem.UNSUPPORTED, "cannot make volume " + name + ": on disk it has no limit of its own")
                    .withRemedy("leave out sizeLimit, or add medium: Memory");
        }
        return Volume.Empty.named(name);
    }

    private static PodOptions options(AppPod pod, Map<String, String> labels) {
        AppPodSpec spec = pod.getSpec();
        PodOptions options = PodOptions.DEFAULT
                .withLife(PodOptions.Life.UNTIL_STOPPED)
                .withStrictness(
                        Boolean.TRUE.equals(spec.strict())
                                ? PodOptions.Strictness.STRICT
                                : PodOptions.Strictness.LENIENT)
                .withUserNamespace(
                        spec.userNamespace() == UserNamespaceMode.HOST
                                ? PodOptions.UserNamespace.HOST
                                : PodOptions.UserNamespace.PRIVATE)
                .withLabels(labels);
        options = connected(isFly(spec) ? options.withIpc(PodOptions.Sharing.HOST) : options, spec);
        if (spec.hostname() != null) {
            options = options.withHostname(spec.hostname());
        } else if (options.network() != PodOptions.NetworkMode.HOST) {
            options = options.withHostname(hostname(pod.getMetadata().getName()));
        }
        if (spec.dns() != null) {
            options = options.withDns(new PodOptions.Dns(
                    spec.dns().nameservers(), spec.dns().searches(), spec.dns().options()));
        }
        return options;
    }

    /** A host name is one label of at most 63 characters; a resource's name may be longer and have dots. */
    private static String hostname(String name) {
        String label = name.substring(0, Math.min(name.length(), 63)).replace('.', '-');
        return label.replaceAll("-+$", "");
    }

    private static PodOptions connected(PodOptions options, AppPodSpec spec) {
        return switch (mode(spec)) {
            case HOST -> options.withNetwork(PodOptions.NetworkMode.HOST);
            case NONE -> options.withNetwork(PodOptions.NetworkMode.NONE);
            case POD -> options.withConnections(new Connections(networks(spec), mappings(spec)));
        };
    }

    private static NetworkMode mode(AppPodSpec spec) {
        if (spec.network() != null) {
            return spec.network().mode();
        }
        return isFly(spec) ? NetworkMode.HOST : NetworkMode.NONE;
    }

    /** None are named where the pod is to be in the one that every node has. */
    private static List<NetworkChoice> networks(AppPodSpec spec) {
        return Objects.requireNonNull(spec.network()).networks().stream()
                .map(network -> NetworkChoice.of(network.name()))
                .toList();
    }

    private static List<PortMapping> mappings(AppPodSpec spec) {
        var mappings = new ArrayList<PortMapping>();
        for (AppSpec app : spec.apps()) {
            for (PortSpec port : app.ports()) {
                if (port.hostPort() != null) {
                    var protocol = port.protocol() == AppSpec.Protocol.UDP
                            ? PortMapping.Protocol.UDP
                            : PortMapping.Protocol.TCP;
                    mappings.add(new PortMapping(Optional.empty(), port.hostPort(), port.containerPort(), protocol));
                }
            }
        }
        return mappings;
    }

    /** In a network of its own any port of the host can lead to the pod's; on the host's there is nothing to lead. */
    private static void checkPort(AppPodSpec spec, AppSpec app, PortSpec port) {
        if (port.hostPort() == null) {
            return;
        }
        String what = "cannot lead host port " + port.hostPort() + " to port " + Quoted.of(port.name()) + " of app "
                + Quoted.of(app.name()) + ": ";
        switch (mode(spec)) {
            case POD -> {}
            case HOST -> {
                if (!port.hostPort().equals(port.containerPort())) {
                    throw new AestusException(Problem.INVALID, what + "on the host's network they are the same")
                            .withRemedy("use network mode Pod, or the same number twice");
                }
            }
            case NONE ->
                throw new AestusException(Problem.INVALID, what + "the pod is in no network")
                        .withRemedy("use network mode Pod");
        }
    }

    /** A manifest directory has no API server before it. */
    private static void checkImage(String whose, AppSpec.Image image) {
        boolean isAppc = image.name() != null || image.id() != null;
        if (image.oci() == null ? !isAppc : isAppc || !image.labels().isEmpty()) {
            throw new AestusException(
                    Problem.INVALID,
                    "cannot find the image of " + whose + ": "
                            + (image.oci() == null
                                    ? "it needs a name, an id or oci"
                                    : "an OCI image has neither name, labels nor id"));
        }
        if (image.oci() != null) {
            ImageReference.ofOci(image.oci());
        }
    }

    private static Annotations annotations(Map<String, String> texts) {
        var all = new ArrayList<Annotation>();
        texts.forEach((name, value) -> all.add(new Annotation(AcIdentifier.parse(name), value)));
        return new Annotations(all);
    }
}
