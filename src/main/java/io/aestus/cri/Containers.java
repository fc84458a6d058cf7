package io.aestus.cri;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.AcName;
import io.aestus.appc.App;
import io.aestus.appc.AppBuilder;
import io.aestus.appc.DockerOrigin;
import io.aestus.appc.Environment;
import io.aestus.appc.RuntimeApp;
import io.aestus.appc.RuntimeImage;
import io.aestus.cri.v1.ContainerConfig;
import io.aestus.cri.v1.ContainerMetadata;
import io.aestus.cri.v1.KeyValue;
import io.aestus.cri.v1.LinuxContainerSecurityContext;
import io.aestus.cri.v1.Mount;
import io.aestus.cri.v1.NamespaceMode;
import io.aestus.cri.v1.SupplementalGroupsPolicy;
import io.aestus.executor.AppOptions;
import io.aestus.executor.AppSpec;
import io.aestus.store.StoredImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Containers to apps; {@link ContainerReports} leads back. */
final class Containers {
    private Containers() {}

    /** The name of the app that a container becomes; readable, and another one for every attempt. */
    static AcName appName(ContainerMetadata name) {
        if (name.getName().isEmpty()) {
            throw new AestusException(Problem.INVALID, "cannot create container: its metadata lacks a name");
        }
        return AcName.sanitized(name.getName() + "-" + Integer.toUnsignedString(name.getAttempt()));
    }

    /**
     * A container as an app.
     *
     * @param around what it refers to
     */
    static AppSpec toApp(ContainerConfig config, StoredImage image, Surroundings around) {
        RuntimeApp app = RuntimeApp.of(appName(config.getMetadata()), RuntimeImage.of(image.id()))
                .withApp(app(config, image, around.devices()))
                .withMounts(ContainerMounts.toMounts(mounts(config, around), around.users(), around.images()))
                .withReadOnlyRootFs(config.getLinux().getSecurityContext().getReadonlyRootfs());
        return new AppSpec(app, options(config, image, around));
    }

    private static List<Mount> mounts(ContainerConfig config, Surroundings around) {
        List<Mount> mounts = new ArrayList<>(config.getMountsList());
        mounts.addAll(around.devices().mounts());
        return mounts;
    }

    private static App app(ContainerConfig config, StoredImage image, CdiEdits devices) {
        App own = image.manifest().app().orElseGet(() -> App.running(List.of()).build());
        AppBuilder app = own.toBuilder()
                .exec(command(config, own, DockerOrigin.of(image.manifest())))
                .environment(own.environment().under(environment(config, devices)))
                .isolators(Confinement.of(config.getLinux(), own.isolators()));
        if (!config.getWorkingDir().isEmpty()) {
            app.workingDirectory(Bounds.path("working_dir", config.getWorkingDir()));
        }
        identity(config.getLinux().getSecurityContext(), own, devices.groups(), app);
        return app.build();
    }

    /**
     * Where only arguments are given they go behind the image's command, as rkt has it: an App Container Image has no default
     * arguments. Those of an image that was made for Docker they replace.
     */
    private static List<String> command(ContainerConfig config, App own, Optional<DockerOrigin> docker) {
        List<String> command = new ArrayList<>();
        if (docker.isPresent()) {
            command.addAll(docker.get().command(config.getCommandList(), config.getArgsList()));
        } else {
            command.addAll(config.getCommandCount() > 0 ? config.getCommandList() : own.exec());
            command.addAll(config.getArgsList());
        }
        if (command.isEmpty()) {
            throw new AestusException(
                    Problem.INVALID,
                    "cannot create container " + Quoted.of(config.getMetadata().getName())
                            + ": neither it nor its image has a command");
        }
        return command;
    }

    private static Environment environment(ContainerConfig config, CdiEdits devices) {
        Environment environment = Environment.NONE;
        for (Map.Entry<String, String> variable : devices.environment().entrySet()) {
            environment = environment.with(variable.getKey(), variable.getValue());
        }
        for (KeyValue variable : config.getEnvsList()) {
            environment =
                    environment.with(variable.getKey(), variable.getValue().toStringUtf8());
        }
        return environment;
    }

    /** Who is given as a user alone is in that user's group, as the image says. */
    private static void identity(
            LinuxContainerSecurityContext wanted, App own, List<Long> furtherGroups, AppBuilder app) {
        if (wanted.hasRunAsGroup()
                && !wanted.hasRunAsUser()
                && wanted.getRunAsUsername().isEmpty()) {
            throw new AestusException(
                    Problem.INVALID, "cannot create container: it has a group to run as, but no user");
        }
        if (wanted.hasRunAsUser()) {
            app.user(Long.toString(wanted.getRunAsUser().getValue())).group(App.GROUP_OF_USER);
        } else if (!wanted.getRunAsUsername().isEmpty()) {
            app.user(wanted.getRunAsUsername()).group(App.GROUP_OF_USER);
        }
        if (wanted.hasRunAsGroup()) {
            app.group(Long.toString(wanted.getRunAsGroup().getValue()));
        }
        boolean isStrict = wanted.getSupplementalGroupsPolicy() == SupplementalGroupsPolicy.Strict;
        List<Long> groups = new ArrayList<>(isStrict ? List.of() : own.supplementaryGids());
        groups.addAll(wanted.getSupplementalGroupsList());
        groups.addAll(furtherGroups);
        app.supplementaryGids(groups.stream().distinct().toList());
    }

    private static AppOptions options(ContainerConfig config, StoredImage image, Surroundings around) {
        LinuxContainerSecurityContext security = config.getLinux().getSecurityContext();
        AppOptions options = AppOptions.DEFAULT
                .withTerminal(config.getTty() ? AppOptions.Terminal.TTY : AppOptions.Terminal.NONE)
                .withStdin(stdin(config))
                .withPrivilege(
                        security.getPrivileged() ? AppOptions.Privilege.PRIVILEGED : AppOptions.Privilege.CONFINED)
                .withRights(Confinement.rights(security))
                .withDevices(Stream.concat(
                                config.getDevicesList().stream()
                                        .map(device -> new AppOptions.Device(
                                                Path.of(device.getHostPath()),
                                                device.getContainerPath(),
                                                device.getPermissions())),
                                around.devices().devices().stream())
                        .toList())
                .withMountings(ContainerMounts.toMountings(mounts(config, around)))
                .withEdits(around.devices().host())
                .withLabels(config.getLabelsMap())
                .withAnnotations(Kept.with(config.getAnnotationsMap(), kept(config, image)));
        options = withProcesses(options, security.getNamespaceOptions().getPid(), around.companion());
        if (config.hasWindows()) {
            throw new AestusException(Problem.INVALID, "cannot create container: field windows: this is Linux");
        }
        if (!config.getLogPath().isEmpty()) {
            options = options.withLogPath(Path.of(config.getLogPath()));
        }
        if (config.getStopSignalValue() != 0) {
            options = options.withStopSignal(StopSignals.name(config.getStopSignal()));
        }
        return withPaths(options.fittedTo(image.manifest()), config);
    }

    /** The kubelet sends its lists, which may be empty on purpose; {@code crictl} without a security context sends none. */
    private static AppOptions withPaths(AppOptions options, ContainerConfig config) {
        if (!config.getLinux().hasSecurityContext()) {
            return options;
        }
        LinuxContainerSecurityContext security = config.getLinux().getSecurityContext();
        return options.withMaskedPaths(security.getMaskedPathsList())
                .withReadOnlyPaths(security.getReadonlyPathsList());
    }

    private static AppOptions.Stdin stdin(ContainerConfig config) {
        if (!config.getStdin()) {
            return AppOptions.Stdin.CLOSED;
        }
        return config.getStdinOnce() ? AppOptions.Stdin.ONCE : AppOptions.Stdin.OPEN;
    }

    private static AppOptions withProcesses(AppOptions options, NamespaceMode mode, Optional<AcName> companion) {
        return switch (mode) {
            case POD -> options.withProcesses(AppOptions.Processes.POD);
            case CONTAINER -> options.withProcesses(AppOptions.Processes.APP);
            case NODE -> options.withProcesses(AppOptions.Processes.HOST);
            case TARGET -> options.withProcessesOf(companion.orElseThrow());
            case UNRECOGNIZED ->
                throw new AestusException(
                        Problem.INVALID, "cannot create container: field pid of its namespaces has an unknown value");
        };
    }

    private static Map<Kept, String> kept(ContainerConfig config, StoredImage image) {
        return Map.of(
                Kept.NAME, config.getMetadata().getName(),
                Kept.ATTEMPT, Integer.toUnsignedString(config.getMetadata().getAttempt()),
                Kept.IMAGE, Images.shownName(image),
                Kept.IMAGE_REFERENCE, Images.reference(image),
                Kept.USER_IMAGE, config.getImage().getUserSpecifiedImage());
    }
}
