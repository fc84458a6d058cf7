package io.aestus.linux;

/**
 * A system call convention: which numbers calls have, and how seccomp names it. {@link #I386} is not a host that we run on
 * but a second convention that every x86-64 kernel speaks.
 */
public enum SyscallAbi {
    X86_64("x86_64", 0xc000003e),
    AARCH64("aarch64", 0xc00000b7),
    I386("i386", 0x40000003);

    private final String kernelName;
    private final int auditArch;

    SyscallAbi(String kernelName, int auditArch) {
        this.kernelName = kernelName;
        this.auditArch = auditArch;
    }

    /** The convention of 64-bit programs on this host. */
    public static SyscallAbi ofHost() {
        return switch (Architecture.current()) {
            case X86_64 -> X86_64;
            case AARCH64 -> AARCH64;
        };
    }

    /** The name that {@code uname -m} prints. */
    public String kernelName() {
        return kernelName;
    }

    /** {@code AUDIT_ARCH_…} of {@code <linux/audit.h>}: what {@code seccomp_data.arch} holds. */
    int auditArch() {
        return auditArch;
    }
}
