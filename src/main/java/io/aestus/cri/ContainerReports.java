package io.aestus.cri;

import io.aestus.appc.App;
import io.aestus.cri.v1.Container;
import io.aestus.cri.v1.ContainerMetadata;
import io.aestus.cri.v1.ContainerResources;
import io.aestus.cri.v1.ContainerState;
import io.aestus.cri.v1.ContainerStatus;
import io.aestus.cri.v1.ContainerUser;
import io.aestus.cri.v1.ImageSpec;
import io.aestus.cri.v1.LinuxContainerUser;
import io.aestus.executor.AppState;
import io.aestus.executor.AppStatus;
import io.aestus.executor.AppUser;
import io.aestus.executor.ExitStatus;
import io.aestus.executor.PodStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Apps as the containers that they are to the kubelet. */
final class ContainerReports {
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,10}");

    private ContainerReports() {}

    /** Whether the app was made through this interface. */
    static boolean isContainer(AppStatus app) {
        return Kept.NAME.isIn(app.options().annotations());
    }

    static ContainerMetadata nameOf(AppStatus app) {
        Map<String, String> annotations = app.options().annotations();
        return ContainerMetadata.newBuilder()
                .setName(Kept.NAME.in(annotations))
                .setAttempt(Integer.parseUnsignedInt(Kept.ATTEMPT.in(annotations)))
                .build();
    }

    static ContainerState stateOf(AppStatus app) {
        return switch (app.state()) {
            case AppState.Created _ -> ContainerState.CONTAINER_CREATED;
            case AppState.Running _ -> ContainerState.CONTAINER_RUNNING;
            case AppState.Exited _ -> ContainerState.CONTAINER_EXITED;
        };
    }

    static Container fromApp(PodStatus pod, AppStatus app) {
        Map<String, String> annotations = app.options().annotations();
        return Container.newBuilder()
                .setId(ContainerId.of(pod.uuid(), app.name()).text())
                .setPodSandboxId(pod.uuid().toString())
                .setMetadata(nameOf(app))
                .setImage(image(app))
                .setImageRef(Kept.IMAGE_REFERENCE.in(annotations))
                .setImageId(app.image().toString())
                .setState(stateOf(app))
                .setCreatedAt(Sandboxes.nanos(app.created()))
                .putAllLabels(app.options().labels())
                .putAllAnnotations(Kept.without(annotations))
                .build();
    }

    static ContainerStatus statusOf(PodStatus pod, AppStatus app) {
        Map<String, String> annotations = app.options().annotations();
        var status = ContainerStatus.newBuilder()
                .setId(ContainerId.of(pod.uuid(), app.name()).text())
                .setMetadata(nameOf(app))
                .setState(stateOf(app))
                .setCreatedAt(Sandboxes.nanos(app.created()))
                .setImage(image(app))
                .setImageRef(Kept.IMAGE_REFERENCE.in(annotations))
                .setImageId(app.image().toString())
                .putAllLabels(app.options().labels())
                .putAllAnnotations(Kept.without(annotations))
                .addAllMounts(ContainerMounts.fromApp(app.app(), app.options()))
                .setStopSignal(StopSignals.of(app.options()))
                .setLogPath(app.logPath().toString());
        app.app().app().ifPresent(how -> addHow(how, status));
        user(app).ifPresent(user -> status.setUser(ContainerUser.newBuilder().setLinux(user)));
        addLife(app.state(), status);
        return status.build();
    }

    /** Of all containers of a sandbox. */
    static List<ContainerStatus> statusesOf(PodStatus pod) {
        return pod.apps().stream()
                .filter(ContainerReports::isContainer)
                .map(app -> statusOf(pod, app))
                .toList();
    }

    private static ImageSpec image(AppStatus app) {
        Map<String, String> annotations = app.options().annotations();
        return ImageSpec.newBuilder()
                .setImage(Kept.IMAGE.in(annotations))
                .setUserSpecifiedImage(Kept.USER_IMAGE.in(annotations))
                .build();
    }

    private static void addHow(App how, ContainerStatus.Builder status) {
        status.setResources(ContainerResources.newBuilder().setLinux(Confinement.resourcesOf(how.isolators())));
    }

    /** As whom it runs; before it was started, as far as no file of its image has to say. */
    private static Optional<LinuxContainerUser> user(AppStatus app) {
        if (app.user().isPresent()) {
            AppUser user = app.user().get();
            return Optional.of(LinuxContainerUser.newBuilder()
                    .setUid(user.user())
                    .setGid(user.group())
                    .addAllSupplementalGroups(user.groups())
                    .build());
        }
        return app.app()
                .app()
                .filter(how -> NUMBER.matcher(how.user()).matches()
                        && NUMBER.matcher(how.group()).matches())
                .map(how -> LinuxContainerUser.newBuilder()
                        .setUid(Long.parseLong(how.user()))
                        .setGid(Long.parseLong(how.group()))
                        .addAllSupplementalGroups(how.supplementaryGids())
                        .build());
    }

    private static void addLife(AppState state, ContainerStatus.Builder status) {
        switch (state) {
            case AppState.Created _ -> {}
            case AppState.Running running -> status.setStartedAt(Sandboxes.nanos(running.since()));
            case AppState.Exited exited -> {
                ExitStatus how = exited.status();
                status.setStartedAt(Sandboxes.nanos(exited.since()))
                        .setFinishedAt(Sandboxes.nanos(exited.at()))
                        .setExitCode(how.code())
                        .setReason(how.reason().word())
                        .setMessage(how.message());
            }
        }
    }
}
