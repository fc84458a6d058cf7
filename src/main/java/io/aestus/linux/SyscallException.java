package io.aestus.linux;

import java.io.IOException;

/** The kernel refused: what was attempted, and why. The message reads {@code mount proc on /proc: EPERM (…)}. */
public class SyscallException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String what;
    private final int errno;

    /**
     * Says it in the usual form.
     *
     * @param what was attempted: a plain verb and its object
     */
    public SyscallException(String what, int errno) {
        super(what + ": " + Errno.describe(errno));
        this.what = what;
        this.errno = errno;
    }

    /** What was attempted. */
    public String what() {
        return what;
    }

    /** One of {@link Errno}. */
    public int errno() {
        return errno;
    }
}
