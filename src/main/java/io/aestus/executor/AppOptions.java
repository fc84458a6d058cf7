package io.aestus.executor;

import io.aestus.appc.AcName;
import io.aestus.appc.DockerOrigin;
import io.aestus.appc.ImageManifest;
import io.aestus.linux.Signal;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * What a runtime app has no words for. Seccomp, capabilities, limits come as isolators.
 *
 * @param logPath where its log goes, relative to the pod's log directory; empty for the pod's own directory
 * @param terminal whether its standard streams are a terminal
 * @param stdin what it reads
 * @param privilege how far it is confined
 * @param processes which processes it sees
 * @param processesOf the app whose processes it sees, if those of another one
 * @param devices of the host, besides the usual ones
 * @param mountings of volumes of the host that are not mounted as usual
 * @param rlimits resource limits of its processes
 * @param maskedPaths empty for the usual list
 * @param readOnlyPaths empty for the usual list
 * @param rights as whom it runs and what it may, beyond its manifest
 * @param stopSignal what asks it to end, such as {@code SIGQUIT}; empty for SIGTERM
 * @param restart what becomes of it when it ends
 * @param edits what the host's administrator does to it
 * @param readiness how it is asked whether it is ready; empty if it is while it runs, or tells so itself
 * @param labels whatever the front wants back with the status
 * @param annotations whatever the front wants back with the status
 */
public record AppOptions(
        Optional<Path> logPath,
        Terminal terminal,
        Stdin stdin,
        Privilege privilege,
        Processes processes,
        Optional<AcName> processesOf,
        List<Device> devices,
        List<Mounting> mountings,
        List<ResourceLimit> rlimits,
        Optional<List<String>> maskedPaths,
        Optional<List<String>> readOnlyPaths,
        AppRights rights,
        Optional<String> stopSignal,
        RestartPolicy restart,
        HostEdits edits,
        Optional<ReadinessProbe> readiness,
        Map<String, String> labels,
        Map<String, String> annotations) {

    /** Pipes for output, nothing to read, confined. */
    public static final AppOptions DEFAULT = new AppOptions(
            Optional.empty(),
            Terminal.NONE,
            Stdin.CLOSED,
            Privilege.CONFINED,
            Processes.POD,
            Optional.empty(),
            List.of(),
            List.of(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            AppRights.USUAL,
            Optional.empty(),
            RestartPolicy.NEVER,
            HostEdits.NONE,
            Optional.empty(),
            Map.of(),
            Map.of());

    public AppOptions {
        devices = List.copyOf(devices);
        mountings = List.copyOf(mountings);
        rlimits = List.copyOf(rlimits);
        maskedPaths = maskedPaths.map(List::copyOf);
        readOnlyPaths = readOnlyPaths.map(List::copyOf);
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
    }

    /** Whether the standard streams are a terminal. */
    public enum Terminal {
        NONE,
        TTY
    }

    /** What an app reads from its standard input. */
    public enum Stdin {
        /** Nothing: {@code /dev/null}. */
        CLOSED,
        /** A pipe that stays open while attachments come and go. */
        OPEN,
        /** A pipe that ends when the first attachment that wrote to it ends. */
        ONCE
    }

    /** How far an app is confined. */
    public enum Privilege {
        CONFINED,
        /** All capabilities and devices, nothing masked, no seccomp. */
        PRIVILEGED
    }

    /** Which processes an app sees. */
    public enum Processes {
        /** Those of all apps of the pod. */
        POD,
        /** Its own, of which it is the first. */
        APP,
        /** Those of another app of the pod, which must run, and with whose first they end. */
        OTHER_APP,
        /** All of the host. */
        HOST
    }

    /**
     * A device of the host.
     *
     * @param hostPath a device node, or a directory of such
     * @param path where the app sees it
     * @param access any of {@code r}, {@code w}, {@code m}; empty for all
     * @param owner whose it is there; empty for the app's root
     * @param mode its permissions there; empty for those on the host
     */
    public record Device(Path hostPath, String path, String access, Optional<DeviceOwner> owner, OptionalInt mode) {
        /** With the permissions of the host's, and the app's root as its owner. */
        public Device(Path hostPath, String path, String access) {
            this(hostPath, path, access, Optional.empty(), OptionalInt.empty());
        }
    }

    /** Whose a device is, as the app counts users and groups. */
    public record DeviceOwner(int user, int group) {
        /** The app's root. */
        public static final DeviceOwner ROOT = new DeviceOwner(0, 0);
    }

    /**
     * A resource limit, as in setrlimit(2).
     *
     * @param name such as {@code RLIMIT_NOFILE}
     * @param soft −1 for none
     * @param hard −1 for none
     */
    public record ResourceLimit(String name, long soft, long hard) {}

    public AppOptions withLogPath(Path logPath) {
        return with(draft -> draft.logPath = Optional.of(logPath));
    }

    public AppOptions withTerminal(Terminal terminal) {
        return with(draft -> draft.terminal = terminal);
    }

    public AppOptions withStdin(Stdin stdin) {
        return with(draft -> draft.stdin = stdin);
    }

    public AppOptions withPrivilege(Privilege privilege) {
        return with(draft -> draft.privilege = privilege);
    }

    public AppOptions withProcesses(Processes processes) {
        return with(draft -> draft.processes = processes);
    }

    /** Among the processes of another app. */
    public AppOptions withProcessesOf(AcName other) {
        return with(draft -> {
            draft.processes = Processes.OTHER_APP;
            draft.processesOf = Optional.of(other);
        });
    }

    public AppOptions withDevices(List<Device> devices) {
        return with(draft -> draft.devices = devices);
    }

    public AppOptions withMountings(List<Mounting> mountings) {
        return with(draft -> draft.mountings = mountings);
    }

    public AppOptions withRights(AppRights rights) {
        return with(draft -> draft.rights = rights);
    }

    public AppOptions withRlimits(List<ResourceLimit> rlimits) {
        return with(draft -> draft.rlimits = rlimits);
    }

    public AppOptions withMaskedPaths(List<String> maskedPaths) {
        return with(draft -> draft.maskedPaths = Optional.of(maskedPaths));
    }

    public AppOptions withReadOnlyPaths(List<String> readOnlyPaths) {
        return with(draft -> draft.readOnlyPaths = Optional.of(readOnlyPaths));
    }

    public AppOptions withStopSignal(String stopSignal) {
        return with(draft -> draft.stopSignal = Optional.of(stopSignal));
    }

    /** The same with what the image says, where nothing is said yet: a signal, if it was made for Docker. */
    public AppOptions fittedTo(ImageManifest image) {
        return stopSignal.isPresent()
                ? this
                : DockerOrigin.of(image)
                        .flatMap(DockerOrigin::stopSignal)
                        .flatMap(AppOptions::knownSignal)
                        .map(this::withStopSignal)
                        .orElse(this);
    }

    /** By name or, as Docker takes it too, by number. */
    private static Optional<String> knownSignal(String text) {
        return Signal.parse(text).isPresent() ? Optional.of(text) : Optional.empty();
    }

    public AppOptions withRestart(RestartPolicy restart) {
        return with(draft -> draft.restart = restart);
    }

    public AppOptions withEdits(HostEdits edits) {
        return with(draft -> draft.edits = edits);
    }

    public AppOptions withReadiness(Optional<ReadinessProbe> readiness) {
        return with(draft -> draft.readiness = readiness);
    }

    public AppOptions withLabels(Map<String, String> labels) {
        return with(draft -> draft.labels = labels);
    }

    public AppOptions withAnnotations(Map<String, String> annotations) {
        return with(draft -> draft.annotations = annotations);
    }

    /** How the volume that an app sees at {@code path} is mounted, if it is of the host. */
    public Mounting mounting(String path) {
        return mountings.stream()
                .filter(mounting -> mounting.path().equals(path))
                .findFirst()
                .orElseGet(() -> Mounting.usual(path));
    }

    private AppOptions with(Consumer<Draft> change) {
        var draft = new Draft();
        change.accept(draft);
        return draft.finished();
    }

    /** The same being changed. */
    private final class Draft {
        private Optional<Path> logPath = AppOptions.this.logPath;
        private Terminal terminal = AppOptions.this.terminal;
        private Stdin stdin = AppOptions.this.stdin;
        private Privilege privilege = AppOptions.this.privilege;
        private Processes processes = AppOptions.this.processes;
        private Optional<AcName> processesOf = AppOptions.this.processesOf;
        private List<Device> devices = AppOptions.this.devices;
        private List<Mounting> mountings = AppOptions.this.mountings;
        private List<ResourceLimit> rlimits = AppOptions.this.rlimits;
        private Optional<List<String>> maskedPaths = AppOptions.this.maskedPaths;
        private Optional<List<String>> readOnlyPaths = AppOptions.this.readOnlyPaths;
        private AppRights rights = AppOptions.this.rights;
        private Optional<String> stopSignal = AppOptions.this.stopSignal;
        private RestartPolicy restart = AppOptions.this.restart;
        private HostEdits edits = AppOptions.this.edits;
        private Optional<ReadinessProbe> readiness = AppOptions.this.readiness;
        private Map<String, String> labels = AppOptions.this.labels;
        private Map<String, String> annotations = AppOptions.this.annotations;

        AppOptions finished() {
            return new AppOptions(
                    logPath,
                    terminal,
                    stdin,
                    privilege,
                    processes,
                    processesOf,
                    devices,
                    mountings,
                    rlimits,
                    maskedPaths,
                    readOnlyPaths,
                    rights,
                    stopSignal,
                    restart,
                    edits,
                    readiness,
                    labels,
                    annotations);
        }
    }
}
