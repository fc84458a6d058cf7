package io.aestus.linux;

import java.util.Set;

/** The kinds of namespaces that a process can have of its own, with their {@code CLONE_NEW…} flags. */
public enum Namespace {
    MOUNT(0x20000),
    CGROUP(0x2000000),
    UTS(0x4000000),
    IPC(0x8000000),
    USER(0x10000000),
    PID(0x20000000),
    NETWORK(0x40000000);

    private final long flag;

    Namespace(long flag) {
        this.flag = flag;
    }

    static long flags(Set<Namespace> namespaces) {
        long flags = 0;
        for (Namespace namespace : namespaces) {
            flags |= namespace.flag;
        }
        return flags;
    }
}
