package io.aestus.linux;

/** A process could not be launched; nothing of it is left. The message names the step: {@code mount proc on /proc: EPERM (…)}. */
public final class LaunchException extends SyscallException {
    private static final long serialVersionUID = 1L;

    private final boolean isOfProgram;

    /** Says which step failed with which errno. */
    public LaunchException(String step, int errno) {
        this(step, errno, false);
    }

    private LaunchException(String step, int errno, boolean isOfProgram) {
        super(step, errno);
        this.isOfProgram = isOfProgram;
    }

    /** Says why the program could not be executed for which all the other steps were taken. */
    static LaunchException ofProgram(String step, int errno) {
        return new LaunchException(step, errno, true);
    }

    /** Whether all was done but for executing the program itself. */
    public boolean isOfProgram() {
        return isOfProgram;
    }
}
