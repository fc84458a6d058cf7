package io.aestus.linux;

/**
 * What the kernel does with a system call. Of several filters on one process the most restrictive answer counts.
 *
 * @param code {@code SECCOMP_RET_…} of {@code <linux/seccomp.h>}, with its data in the low 16 bits
 */
public record SeccompAction(int code) {
    /** Ends the process as by signal 31 (SIGSYS). */
    public static final SeccompAction KILL_PROCESS = new SeccompAction(0x8000_0000);

    public static final SeccompAction KILL_THREAD = new SeccompAction(0);

    /** Sends a SIGSYS that the process may handle. */
    public static final SeccompAction TRAP = new SeccompAction(0x0003_0000);

    /** Lets the call through and writes it to the audit log. */
    public static final SeccompAction LOG = new SeccompAction(0x7ffc_0000);

    /** Asks whoever listens, and does what that one says. */
    public static final SeccompAction NOTIFY = new SeccompAction(0x7fc0_0000);

    public static final SeccompAction ALLOW = new SeccompAction(0x7fff_0000);

    private static final int ERRNO = 0x0005_0000;
    private static final int TRACE = 0x7ff0_0000;
    private static final int MAX_ERRNO = 4095;

    /** Refuses the call with {@code errno}, without carrying it out. */
    public static SeccompAction errno(int errno) {
        if (errno < 0 || errno > MAX_ERRNO) {
            throw new IllegalArgumentException("not an errno: " + errno);
        }
        return new SeccompAction(ERRNO | errno);
    }

    /** Asks the tracer, who is told {@code data}; without a tracer the call fails with ENOSYS. */
    public static SeccompAction trace(int data) {
        return new SeccompAction(TRACE | (data & 0xffff));
    }

    /** Whether the call is carried out, as far as this filter decides. */
    public boolean letsThrough() {
        return equals(ALLOW) || equals(LOG);
    }
}
