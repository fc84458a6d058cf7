package io.aestus.linux;

/** A process could not be launched; nothing of it is left. The message names the step: {@code mount proc on /proc: EPERM (…)}. */
public final class LaunchException extends SyscallException {
    private static final long serialVersionUID = 1L;

    /** Says which step failed with which errno. */
    public LaunchException(String step, int errno) {
        super(step, errno);
    }
}
