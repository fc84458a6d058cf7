package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.AcName;
import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import io.aestus.network.Attachment;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is known of a pod at one moment.
 *
 * @param manifest as prepared
 * @param options as prepared
 * @param isPaused whether its processes stand still, while it runs
 * @param stage1 what isolates it
 * @param networks what the pod has of each network, in the order of its interfaces; empty on the host's network
 * @param isolators what became of the pod's own isolators
 * @param apps in the order in which they were added
 */
public record PodStatus(
        PodUuid uuid,
        PodManifest manifest,
        PodOptions options,
        Instant created,
        PodState state,
        boolean isPaused,
        String stage1,
        List<Attachment> networks,
        List<IsolatorReport> isolators,
        List<AppStatus> apps) {
    public PodStatus {
        networks = List.copyOf(networks);
        isolators = List.copyOf(isolators);
        apps = List.copyOf(apps);
    }

    /** One word for people on where the pod is in its life. */
    public String word() {
        return isPaused ? "paused" : state.word();
    }

    /** Whether one of its apps is ready, and each other one is so as well or has ended for good. */
    public boolean isReady() {
        return state instanceof PodState.Running
                && apps.stream().anyMatch(AppStatus::isReady)
                && apps.stream()
                        .allMatch(app -> app.isReady()
                                || (app.state() instanceof AppState.Exited
                                        && app.due().isEmpty()));
    }

    /** IP addresses, the primary one first. */
    public List<String> addresses() {
        return networks.stream()
                .flatMap(network -> network.addresses().stream())
                .toList();
    }

    /** The app of that name, if the pod has one. */
    public Optional<AppStatus> app(AcName name) {
        return apps.stream().filter(app -> app.name().equals(name)).findFirst();
    }

    /**
     * The app of that name.
     *
     * @throws AestusException {@link Problem#NOT_FOUND} if the pod has none
     */
    public AppStatus requireApp(AcName name) {
        return app(name)
                .orElseThrow(() -> new AestusException(
                        Problem.NOT_FOUND,
                        "cannot find app " + Quoted.of(name.toString()) + ": pod " + uuid + " has none of that name"));
    }
}
