package io.aestus.linux;

/** A process could not be launched; nothing of it is left. The message names the step: {@code mount proc on /proc: EPERM (…)}. */
public final class LaunchException extends SyscallException {
    private static final long serialVersionUID = 1L;

    /** How far it came. */
    private enum Point {
        BIRTH,
        STEP,
        PROGRAM
    }

    private final Point point;

    /** Says which step failed with which errno. */
    public LaunchException(String step, int errno) {
        this(step, errno, Point.STEP);
    }

    private LaunchException(String step, int errno, Point point) {
        super(step, errno);
        this.point = point;
    }

    /** Says why there never was a process. */
    static LaunchException ofBirth(String step, int errno) {
        return new LaunchException(step, errno, Point.BIRTH);
    }

    /** Says why the program could not be executed for which all the other steps were taken. */
    static LaunchException ofProgram(String step, int errno) {
        return new LaunchException(step, errno, Point.PROGRAM);
    }

    /** Whether there never was a process that could have taken a step. */
    boolean isOfBirth() {
        return point == Point.BIRTH;
    }

    /** Whether all was done but for executing the program itself. */
    public boolean isOfProgram() {
        return point == Point.PROGRAM;
    }
}
