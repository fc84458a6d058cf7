package io.aestus.api;

import com.google.protobuf.ByteString;
import io.aestus.api.v1alpha.App;
import io.aestus.api.v1alpha.Network;
import io.aestus.api.v1alpha.Pod;
import io.aestus.executor.AppState;
import io.aestus.executor.AppStatus;
import io.aestus.executor.PodState;
import io.aestus.executor.PodStatus;
import io.aestus.network.Attachment;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;

/** Pods in the words of the API. */
final class PodMessages {
    private static final long NANOS = 1_000_000_000L;

    private final ImageMessages images;

    PodMessages(ImageMessages images) {
        this.images = images;
    }

    /** @param cgroup where it is accounted, below the root of the hierarchy */
    Pod of(PodStatus status, String cgroup, Detail detail) {
        var pod = Pod.newBuilder()
                .setId(status.uuid().toString())
                .setState(state(status.state()))
                .addAllAnnotations(ImageMessages.of(status.manifest().annotations()))
                .setCgroup("/" + cgroup)
                .setCreatedAt(nanos(status.created()));
        started(status).ifPresent(at -> pod.setStartedAt(nanos(at)));
        if (status.state() instanceof PodState.Running running) {
            pod.setPid((int) running.pid());
        }
        status.apps().forEach(app -> pod.addApps(app(app)));
        status.networks().forEach(network -> pod.addNetworks(network(network)));
        if (detail == Detail.FULL) {
            pod.setManifest(ByteString.copyFrom(status.manifest().toBytes()));
        }
        return pod.build();
    }

    private static io.aestus.api.v1alpha.PodState state(PodState state) {
        return switch (state) {
            case PodState.Prepared _ -> io.aestus.api.v1alpha.PodState.POD_STATE_PREPARED;
            case PodState.Starting _, PodState.Running _ -> io.aestus.api.v1alpha.PodState.POD_STATE_RUNNING;
            case PodState.Exited _ -> io.aestus.api.v1alpha.PodState.POD_STATE_EXITED;
            case PodState.Aborted _ -> io.aestus.api.v1alpha.PodState.POD_STATE_ABORTED_PREPARE;
        };
    }

    /** When it was started; of one that has ended, when the first of its apps was. */
    static Optional<Instant> started(PodStatus status) {
        return status.state() instanceof PodState.Running running
                ? Optional.of(running.since())
                : status.apps().stream()
                        .flatMap(app -> started(app.state()).stream())
                        .min(Comparator.naturalOrder());
    }

    static Optional<Instant> started(AppState state) {
        return switch (state) {
            case AppState.Created _ -> Optional.empty();
            case AppState.Running running -> Optional.of(running.since());
            case AppState.Exited exited -> Optional.of(exited.since());
        };
    }

    private App app(AppStatus status) {
        var app = App.newBuilder()
                .setName(status.name().toString())
                .setImage(images.ofApp(status.image()))
                .addAllAnnotations(ImageMessages.of(status.app().annotations()));
        switch (status.state()) {
            case AppState.Created _ -> app.setState(io.aestus.api.v1alpha.AppState.APP_STATE_UNDEFINED);
            case AppState.Running _ -> app.setState(io.aestus.api.v1alpha.AppState.APP_STATE_RUNNING);
            case AppState.Exited exited ->
                app.setState(io.aestus.api.v1alpha.AppState.APP_STATE_EXITED)
                        .setExitCode(exited.status().code());
        }
        return app.build();
    }

    private static Network network(Attachment attachment) {
        var network = Network.newBuilder().setName(attachment.network());
        address(attachment, ".").ifPresent(network::setIpv4);
        address(attachment, ":").ifPresent(network::setIpv6);
        return network.build();
    }

    private static Optional<String> address(Attachment attachment, String mark) {
        return attachment.addresses().stream()
                .filter(address -> address.contains(mark))
                .findFirst();
    }

    private static long nanos(Instant at) {
        return Math.addExact(Math.multiplyExact(at.getEpochSecond(), NANOS), at.getNano());
    }
}
