package io.aestus.executor;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a runtime app has no words for. Seccomp, capabilities, limits come as isolators.
 *
 * @param logPath where its log goes, relative to the pod's log directory; empty for the pod's own directory
 * @param terminal whether its standard streams are a terminal
 * @param stdin what it reads
 * @param privilege how far it is confined
 * @param processes which processes it sees
 * @param devices of the host, besides the usual ones
 * @param rlimits resource limits of its processes
 * @param maskedPaths empty for the usual list
 * @param readOnlyPaths empty for the usual list
 * @param stopSignal what asks it to end, such as {@code SIGQUIT}; empty for SIGTERM
 * @param labels whatever the front wants back with the status
 * @param annotations whatever the front wants back with the status
 */
public record AppOptions(
        Optional<Path> logPath,
        Terminal terminal,
        Stdin stdin,
        Privilege privilege,
        Processes processes,
        List<Device> devices,
        List<ResourceLimit> rlimits,
        Optional<List<String>> maskedPaths,
        Optional<List<String>> readOnlyPaths,
        Optional<String> stopSignal,
        Map<String, String> labels,
        Map<String, String> annotations) {

    /** Pipes for output, nothing to read, confined. */
    public static final AppOptions DEFAULT = new AppOptions(
            Optional.empty(),
            Terminal.NONE,
            Stdin.CLOSED,
            Privilege.CONFINED,
            Processes.POD,
            List.of(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            Map.of());

    public AppOptions {
        devices = List.copyOf(devices);
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
        /** All of the host. */
        HOST
    }

    /**
     * A device of the host.
     *
     * @param hostPath a device node, or a directory of such
     * @param path where the app sees it
     * @param access any of {@code r}, {@code w}, {@code m}; empty for all
     */
    public record Device(Path hostPath, String path, String access) {}

    /**
     * A resource limit, as in setrlimit(2).
     *
     * @param name such as {@code RLIMIT_NOFILE}
     * @param soft −1 for none
     * @param hard −1 for none
     */
    public record ResourceLimit(String name, long soft, long hard) {}

    public AppOptions withLogPath(Path newLogPath) {
        return new AppOptions(
                Optional.of(newLogPath),
                terminal,
                stdin,
                privilege,
                processes,
                devices,
                rlimits,
                maskedPaths,
                readOnlyPaths,
                stopSignal,
                labels,
                annotations);
    }

    public AppOptions withTerminal(Terminal newTerminal) {
        return new AppOptions(
                logPath,
                newTerminal,
                stdin,
                privilege,
                processes,
                devices,
                rlimits,
                maskedPaths,
                readOnlyPaths,
                stopSignal,
                labels,
                annotations);
    }

    public AppOptions withStdin(Stdin newStdin) {
        return new AppOptions(
                logPath,
                terminal,
                newStdin,
                privilege,
                processes,
                devices,
                rlimits,
                maskedPaths,
                readOnlyPaths,
                stopSignal,
                labels,
                annotations);
    }

    public AppOptions withPrivilege(Privilege newPrivilege) {
        return new AppOptions(
                logPath,
                terminal,
                stdin,
                newPrivilege,
                processes,
                devices,
                rlimits,
                maskedPaths,
                readOnlyPaths,
                stopSignal,
                labels,
                annotations);
    }

    public AppOptions withProcesses(Processes newProcesses) {
        return new AppOptions(
                logPath,
                terminal,
                stdin,
                privilege,
                newProcesses,
                devices,
                rlimits,
                maskedPaths,
                readOnlyPaths,
                stopSignal,
                labels,
                annotations);
    }

    public AppOptions withDevices(List<Device> newDevices) {
        return new AppOptions(
                logPath,
                terminal,
                stdin,
                privilege,
                processes,
                newDevices,
                rlimits,
                maskedPaths,
                readOnlyPaths,
                stopSignal,
                labels,
                annotations);
    }

    public AppOptions withRlimits(List<ResourceLimit> newRlimits) {
        return new AppOptions(
                logPath,
                terminal,
                stdin,
                privilege,
                processes,
                devices,
                newRlimits,
                maskedPaths,
                readOnlyPaths,
                stopSignal,
                labels,
                annotations);
    }

    public AppOptions withMaskedPaths(List<String> newMaskedPaths) {
        return new AppOptions(
                logPath,
                terminal,
                stdin,
                privilege,
                processes,
                devices,
                rlimits,
                Optional.of(newMaskedPaths),
                readOnlyPaths,
                stopSignal,
                labels,
                annotations);
    }

    public AppOptions withReadOnlyPaths(List<String> newReadOnlyPaths) {
        return new AppOptions(
                logPath,
                terminal,
                stdin,
                privilege,
                processes,
                devices,
                rlimits,
                maskedPaths,
                Optional.of(newReadOnlyPaths),
                stopSignal,
                labels,
                annotations);
    }

    public AppOptions withStopSignal(String newStopSignal) {
        return new AppOptions(
                logPath,
                terminal,
                stdin,
                privilege,
                processes,
                devices,
                rlimits,
                maskedPaths,
                readOnlyPaths,
                Optional.of(newStopSignal),
                labels,
                annotations);
    }

    public AppOptions withLabels(Map<String, String> newLabels) {
        return new AppOptions(
                logPath,
                terminal,
                stdin,
                privilege,
                processes,
                devices,
                rlimits,
                maskedPaths,
                readOnlyPaths,
                stopSignal,
                newLabels,
                annotations);
    }

    public AppOptions withAnnotations(Map<String, String> newAnnotations) {
        return new AppOptions(
                logPath,
                terminal,
                stdin,
                privilege,
                processes,
                devices,
                rlimits,
                maskedPaths,
                readOnlyPaths,
                stopSignal,
                labels,
                newAnnotations);
    }
}
