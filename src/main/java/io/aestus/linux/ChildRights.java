package io.aestus.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** What a child may do from some step on: limits, capabilities, users, filters. Each step needs power that a later one takes away. */
public final class ChildRights {
    private static final int KEYCTL_JOIN_SESSION_KEYRING = 1;
    private static final int PR_SET_PDEATHSIG = 1;
    private static final int SIGKILL = 9;
    private static final int PR_SET_KEEPCAPS = 8;
    private static final int PR_CAPBSET_DROP = 24;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int PR_CAP_AMBIENT = 47;
    private static final int PR_CAP_AMBIENT_RAISE = 2;
    private static final int PR_CAP_AMBIENT_CLEAR_ALL = 4;
    private static final int SECCOMP_SET_MODE_FILTER = 1;
    private static final int SECCOMP_FILTER_FLAG_NEW_LISTENER = 8;
    private static final int BPF_INSTRUCTION_BYTES = 8;

    private final SyscallProgram program;

    ChildRights(SyscallProgram program) {
        this.program = program;
    }

    public void setUmask(int mask) {
        program.add("set umask", Syscall.UMASK, mask);
    }

    /**
     * Raises the hard limit where it is lower than this one, as long as the child has the power to, and leaves the rest to
     * {@link #setLimit}: a small limit of open files would hinder what comes between.
     */
    public void raiseLimit(Rlimit limit) throws SyscallException {
        Rlimit now = Rlimit.of(limit.resource(), 0);
        if (Long.compareUnsigned(limit.hard(), now.hard()) > 0) {
            Rlimit raised = new Rlimit(limit.resource(), now.soft(), limit.hard());
            program.add(
                    "raise limit " + limit.resource(),
                    Syscall.PRLIMIT64,
                    0,
                    limit.resource().number(),
                    program.bytes(raised.bytes()),
                    0);
        }
    }

    /** Sets a limit of its resources. */
    public void setLimit(Rlimit limit) {
        int resource = limit.resource().number();
        program.add("set limit " + limit.resource(), Syscall.PRLIMIT64, 0, resource, program.bytes(limit.bytes()), 0);
    }

    /** Asks to be killed when the agent ends, also by its program as long as that stays the same user. */
    void endWithAgent() {
        program.add("ask to end with the agent", Syscall.PRCTL, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    }

    /** Leaves the session keyring of whoever started the agent. Kernels without keyrings have none to leave. */
    public void leaveKeyring() {
        program.add("join a session keyring", Syscall.KEYCTL, KEYCTL_JOIN_SESSION_KEYRING, 0)
                .ignoringErrors();
    }

    /** Becomes user and group 0, without further groups: in a new user namespace it is nobody until then. */
    public void becomeRoot() {
        setGroups(List.of());
        setIds(0, 0);
    }

    /** Gives capabilities up for good: no program it executes can get them back. */
    public void dropFromBounding(CapabilitySet capabilities) {
        for (Capability capability : capabilities.members()) {
            program.add(capability.dropping(), Syscall.PRCTL, PR_CAPBSET_DROP, capability.number(), 0, 0, 0)
                    .ignoring(Errno.EINVAL); // newer than the kernel
        }
    }

    /** Lets what it may survive when it becomes another user than root; until it executes a program. */
    public void keepCapabilities() {
        program.add("keep capabilities", Syscall.PRCTL, PR_SET_KEEPCAPS, 1, 0, 0, 0);
    }

    /** Sets what it may now, and what programs it executes get even if they are not root's. */
    public void setCapabilities(CapabilitySet permitted, CapabilitySet ambient) {
        program.add(
                "set capabilities",
                Syscall.CAPSET,
                program.bytes(CapabilitySet.header()),
                program.bytes(CapabilitySet.data(permitted, permitted, ambient)));
        program.add("clear ambient capabilities", Syscall.PRCTL, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
        for (Capability capability : ambient.members()) {
            program.add(
                    "raise " + capability,
                    Syscall.PRCTL,
                    PR_CAP_AMBIENT,
                    PR_CAP_AMBIENT_RAISE,
                    capability.number(),
                    0,
                    0);
        }
    }

    /** Where this process can name but one group, those that it was started with stay: the kernel lets nobody give them up. */
    public void setGroups(List<Integer> groups) {
        if (!OwnUsers.canSetGroups()) {
            return;
        }
        byte[] ids = new byte[groups.size() * 4];
        var buffer = ByteBuffer.wrap(ids).order(ByteOrder.nativeOrder());
        groups.forEach(buffer::putInt);
        program.add("set groups", Syscall.SETGROUPS, groups.size(), program.bytes(ids));
    }

    /** Gives up all further groups, if that is allowed. */
    void leaveGroups() {
        program.add("leave groups", Syscall.SETGROUPS, 0, 0).ignoring(Errno.EPERM);
    }

    public void setIds(int user, int group) {
        program.add("become group " + Integer.toUnsignedString(group), Syscall.SETRESGID, group, group, group);
        program.add("become user " + Integer.toUnsignedString(user), Syscall.SETRESUID, user, user, user);
    }

    /** No program it executes gets more than it has itself. */
    public void setNoNewPrivileges() {
        program.add("set no_new_privs", Syscall.PRCTL, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    }

    /** Lets a filter judge each system call from here on. */
    public void filterSyscalls(SeccompFilter filter) {
        byte[] code = filter.program();
        long fprog = program.longs(code.length / BPF_INSTRUCTION_BYTES, program.bytes(code)); // struct sock_fprog
        long flags = filter.asks() ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0;
        program.add("install the seccomp filter", Syscall.SECCOMP, SECCOMP_SET_MODE_FILTER, flags, fprog);
    }
}
