package io.aestus.linux;

import java.util.Set;

/** The kinds of namespaces that a process can have of its own, with their {@code CLONE_NEW…} flags. */
public enum Namespace {
    MOUNT(0x20000, "mnt"),
    CGROUP(0x2000000, "cgroup"),
    UTS(0x4000000, "uts"),
    IPC(0x8000000, "ipc"),
    USER(0x10000000, "user"),
    PID(0x20000000, "pid"),
    NETWORK(0x40000000, "net");

    private final long flag;
    private final String file;

    Namespace(long flag, String file) {
        this.flag = flag;
        this.file = file;
    }

    long flag() {
        return flag;
    }

    /** Its name in {@code /proc/PID/ns}. */
    String file() {
        return file;
    }

    static long flags(Set<Namespace> namespaces) {
        long flags = 0;
        for (Namespace namespace : namespaces) {
            flags |= namespace.flag;
        }
        return flags;
    }
}
