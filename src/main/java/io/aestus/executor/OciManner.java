package io.aestus.executor;

import io.aestus.linux.Cgroup;
import io.aestus.linux.CgroupLimits;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What OCI runtimes do each in their own way. */
enum OciManner {
    /** As runc: a container is a process of the host's kernel, in the cgroup that its configuration names. */
    JOINS_CGROUPS,
    /** As crun: a process of the host's kernel, in the cgroup that the runtime is started in, if it is told to. */
    LEAVES_CGROUPS,
    /**
     * As gVisor: a container is a kernel of its own, a process of the host that serves the container's. It makes all of a pod anew
     * but the network, whose sockets it opens where it is started. What an app writes shall be where others look for it, on disk
     * and at once; and what it may is what its configuration says.
     */
    IS_A_KERNEL;

    private static final String SOCKET = "runsc-";

    /** By what a runtime says of its version. */
    static OciManner of(String version) {
        if (version.startsWith("crun ")) {
            return LEAVES_CGROUPS;
        }
        return version.startsWith("runsc ") ? IS_A_KERNEL : JOINS_CGROUPS;
    }

    /** What it is told before each command. */
    List<String> options() {
        return switch (this) {
            case JOINS_CGROUPS -> List.of();
            case LEAVES_CGROUPS -> List.of("--cgroup-manager=disabled");
            case IS_A_KERNEL ->
                List.of(
                        "--ignore-cgroups",
                        "--network=host",
                        "--gofer-network-namespace=new",
                        "--overlay2=none",
                        "--file-access=shared",
                        "--host-uds=open",
                        "--host-settings=ignore",
                        "--oci-seccomp",
                        "--net-raw",
                        "--allow-suid");
        };
    }

    /** Whether a container is in the cgroup that the runtime is started in, and so is what is executed in it. */
    boolean leavesCgroups() {
        return this != JOINS_CGROUPS;
    }

    /** Whether it shows a container its cgroups itself: it takes those for its own that we would show. */
    boolean mountsCgroups() {
        return this == JOINS_CGROUPS;
    }

    /**
     * Whether it joins no namespaces by path. Then it is started in the pod's, as the pod's root, and there is nothing that it would
     * have to undo.
     */
    boolean isKernel() {
        return this == IS_A_KERNEL;
    }

    /**
     * Limits the cgroup of a container, as far as that makes sense.
     *
     * @return what is not enforced
     */
    List<Cgroup.Unenforced> limit(Cgroup cgroup, CgroupLimits limits) throws IOException {
        if (!isKernel() || limits.processes().isEmpty()) {
            return cgroup.limit(limits);
        }
        var unenforced = new ArrayList<>(cgroup.limit(limits.withoutProcesses()));
        unenforced.add(new Cgroup.Unenforced("processes", "a kernel of the app's own would run out of threads"));
        return unenforced;
    }

    /** Of which container a file is, of those in which the runtime remembers them. */
    String container(String file) {
        return isKernel() && file.startsWith(SOCKET) ? file.substring(SOCKET.length()) : file;
    }
}
