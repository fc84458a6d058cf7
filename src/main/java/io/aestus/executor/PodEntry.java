package io.aestus.executor;

import io.aestus.linux.ChildProgram;
import io.aestus.linux.Namespace;
import io.aestus.linux.Namespaces;
import io.aestus.linux.OwnUsers;
import io.aestus.linux.PidFd;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Set;

/** How a child gets into the namespaces of a pod, safe from who is there already. */
final class PodEntry {
    private static final Set<Namespace> JOINED =
            Set.of(Namespace.USER, Namespace.MOUNT, Namespace.NETWORK, Namespace.IPC, Namespace.UTS);

    private PodEntry() {}

    /**
     * With the host's users a child must be apart. Those of the pod that have CAP_SYS_PTRACE could look into the agent's memory
     * otherwise; and the image could name {@code /proc/self/exe} as its program, and overwrite the agent's (CVE-2019-5736).
     * With users of its own a pod can do neither: the agent's memory and files belong to users over whom it has no power.
     */
    static ChildProgram child(UserRange range) throws IOException {
        return range.isPrivate() ? new ChildProgram() : ChildProgram.apart();
    }

    /** Adds the steps by which a child joins the namespaces of a process, but for that of processes. */
    static void join(ChildProgram child, PidFd process, UserRange range) throws IOException {
        var joined = EnumSet.copyOf(JOINED);
        if (!range.isPrivate()) {
            joined.remove(Namespace.USER); // it is our own, which nobody can join
        }
        if (!OwnUsers.areHosts()) { // and those of the host only its root
            long pid = process.pid();
            joined.removeIf(kind -> Namespaces.isOurs(pid, kind));
        }
        child.joinNamespaces(process, joined);
        if (range.isPrivate()) {
            child.rights().becomeRoot();
        }
        child.rights().leaveKeyring();
    }
}
