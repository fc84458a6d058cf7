package io.aestus.client;

import io.aestus.cri.v1.ContainerState;
import io.aestus.cri.v1.ContainerStatus;
import io.aestus.cri.v1.ExecSyncResponse;
import io.aestus.cri.v1.PodSandbox;
import io.aestus.cri.v1.PodSandboxState;
import io.aestus.cri.v1.RuntimeStatus;
import io.aestus.cri.v1.VersionResponse;
import java.time.Instant;
import java.util.Optional;

/** From the interface's messages to our words. */
final class Translation {
    private Translation() {}

    static RuntimeVersion version(VersionResponse from) {
        return new RuntimeVersion(from.getRuntimeName(), from.getRuntimeVersion(), from.getRuntimeApiVersion());
    }

    static NodeStatus status(RuntimeStatus from) {
        return new NodeStatus(from.getConditionsList().stream()
                .map(one -> new NodeStatus.Condition(one.getType(), one.getStatus(), one.getReason(), one.getMessage()))
                .toList());
    }

    static Sandbox sandbox(PodSandbox from) {
        return new Sandbox(
                from.getId(),
                from.getMetadata().getNamespace(),
                from.getMetadata().getName(),
                from.getMetadata().getUid(),
                from.getMetadata().getAttempt(),
                from.getState() == PodSandboxState.SANDBOX_READY ? Sandbox.State.READY : Sandbox.State.NOT_READY,
                instant(from.getCreatedAt()),
                from.getLabelsMap(),
                from.getAnnotationsMap());
    }

    static Container container(io.aestus.cri.v1.Container from) {
        return new Container(
                from.getId(),
                from.getPodSandboxId(),
                from.getMetadata().getName(),
                from.getMetadata().getAttempt(),
                from.getImageId().isEmpty() ? from.getImageRef() : from.getImageId(),
                state(from.getState()),
                instant(from.getCreatedAt()),
                from.getLabelsMap(),
                from.getAnnotationsMap());
    }

    static ContainerReport report(ContainerStatus from) {
        Optional<ContainerReport.End> end = from.getState() == ContainerState.CONTAINER_EXITED
                ? Optional.of(new ContainerReport.End(
                        instant(from.getFinishedAt()), from.getExitCode(), from.getReason(), from.getMessage()))
                : Optional.empty();
        return new ContainerReport(
                from.getId(),
                from.getMetadata().getName(),
                state(from.getState()),
                instant(from.getCreatedAt()),
                from.getStartedAt() == 0 ? Optional.empty() : Optional.of(instant(from.getStartedAt())),
                end,
                from.getLogPath());
    }

    static Image image(io.aestus.cri.v1.Image from) {
        return new Image(from.getId(), from.getRepoTagsList(), from.getSize());
    }

    static ExecResult result(ExecSyncResponse from) {
        return new ExecResult(
                from.getExitCode(),
                from.getStdout().toStringUtf8(),
                from.getStderr().toStringUtf8());
    }

    private static Container.State state(ContainerState from) {
        return switch (from) {
            case CONTAINER_CREATED -> Container.State.CREATED;
            case CONTAINER_RUNNING -> Container.State.RUNNING;
            case CONTAINER_EXITED -> Container.State.EXITED;
            case CONTAINER_UNKNOWN, UNRECOGNIZED -> Container.State.UNKNOWN;
        };
    }

    private static Instant instant(long nanoseconds) {
        return Instant.ofEpochSecond(0, nanoseconds);
    }
}
