package io.aestus.linux;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * How a child comes to be.
 *
 * @param namespaces those it is born with
 * @param pidNamespace a process whose PID namespace it is born into
 * @param cgroup the directory of a version 2 cgroup that it is born into
 * @param preparation what is done to it before its first step
 * @param limit after which it is killed if it has not executed its program
 */
public record LaunchOptions(
        Set<Namespace> namespaces,
        Optional<PidFd> pidNamespace,
        Optional<Fd> cgroup,
        Optional<Preparation> preparation,
        Duration limit) {
    private static final Duration USUAL_LIMIT = Duration.ofSeconds(10);

    /** Nothing special. */
    public static final LaunchOptions PLAIN =
            new LaunchOptions(Set.of(), Optional.empty(), Optional.empty(), Optional.empty(), USUAL_LIMIT);

    public LaunchOptions {
        namespaces = Set.copyOf(namespaces);
    }

    /** Something that only another process can do to a child, such as to write the maps of its user namespace. */
    @FunctionalInterface
    public interface Preparation {
        /** Called while the child waits. If this throws, the child is killed. */
        void prepare(long pid) throws IOException;
    }

    public LaunchOptions withNamespaces(Set<Namespace> newNamespaces) {
        return new LaunchOptions(newNamespaces, pidNamespace, cgroup, preparation, limit);
    }

    public LaunchOptions inPidNamespaceOf(PidFd process) {
        return new LaunchOptions(namespaces, Optional.of(process), cgroup, preparation, limit);
    }

    public LaunchOptions inCgroup(Fd directory) {
        return new LaunchOptions(namespaces, pidNamespace, Optional.of(directory), preparation, limit);
    }

    public LaunchOptions preparedBy(Preparation newPreparation) {
        return new LaunchOptions(namespaces, pidNamespace, cgroup, Optional.of(newPreparation), limit);
    }

    public LaunchOptions within(Duration newLimit) {
        return new LaunchOptions(namespaces, pidNamespace, cgroup, preparation, newLimit);
    }
}
