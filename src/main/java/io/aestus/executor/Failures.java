package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.linux.Errno;
import io.aestus.linux.LaunchException;
import io.aestus.linux.SyscallException;
import io.aestus.linux.UserNamespaceException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;

/** What the machine refuses, as what cannot be done for whoever asked. */
public final class Failures {
    private Failures() {}

    /**
     * With what helps, where something does.
     *
     * @param what was attempted: a plain verb and its object
     */
    public static AestusException of(String what, IOException cause) {
        var failure = new AestusException(problem(cause), "cannot " + what + ": " + reason(cause), cause);
        return remedy(cause).map(failure::withRemedy).orElse(failure);
    }

    private static Optional<String> remedy(IOException cause) {
        return switch (cause) {
            case LaunchException launch when launch.isOfProgram() -> remedyOfProgram(launch);
            case UserNamespaceException _ ->
                Optional.of(
                        "--private-users=off (of an AppPod, userNamespace: Host), with which root in the pod is root on the host;"
                                + " aestus doctor says why there are no user namespaces");
            default -> remedyOfMachine(cause);
        };
    }

    /** What helps where everything is ready for a program but the program. */
    private static Optional<String> remedyOfProgram(LaunchException launch) {
        return switch (launch.errno()) {
            case Errno.ENOENT ->
                Optional.of("a program that is in the image, as is the interpreter or loader that it names");
            case Errno.EACCES ->
                Optional.of("a program that the app's user may execute (chmod a+x before the image is built)");
            case Errno.ENOEXEC ->
                Optional.of("a program for this host's processor; a script begins with #! and its interpreter");
            default -> remedyOfMachine(launch);
        };
    }

    /** What helps against a machine that has run out of something, or lacks it. */
    private static Optional<String> remedyOfMachine(IOException cause) {
        return switch (errno(cause)) {
            case Errno.ENOSPC, Errno.EDQUOT -> Optional.of("aestus gc and aestus image gc, or a larger disk");
            case Errno.EMFILE ->
                Optional.of("a higher limit of open files (ulimit -n, or LimitNOFILE of the agent's unit)");
            case Errno.ENFILE -> Optional.of("a higher fs.file-max");
            case Errno.EAGAIN ->
                Optional.of("fewer processes, or a higher limit of them (pids.max, aestus.io/pids, kernel.pid_max)");
            case Errno.ENOMEM -> Optional.of("a higher memory limit, or less that takes memory on this host");
            case Errno.EPERM ->
                Optional.of("as root, where no filter forbids it (a container's seccomp profile);"
                        + " aestus doctor says what this host lacks");
            case Errno.ENOSYS -> Optional.of("a newer kernel; aestus doctor says what this one lacks");
            default -> Optional.empty();
        };
    }

    private static Problem problem(IOException cause) {
        if (cause instanceof UserNamespaceException) {
            return Problem.UNSUPPORTED;
        }
        return switch (errno(cause)) {
            case Errno.ENOSPC, Errno.EDQUOT, Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM, Errno.EAGAIN ->
                Problem.EXHAUSTED;
            case Errno.EPERM, Errno.EACCES -> Problem.DENIED;
            case Errno.ENOSYS -> Problem.UNSUPPORTED;
            case Errno.ENOENT -> cause instanceof SyscallException ? Problem.NOT_FOUND : Problem.UNAVAILABLE;
            default -> Problem.UNAVAILABLE;
        };
    }

    /** The exceptions of java.io and java.nio say the errno by their class, or in words at their end. */
    private static int errno(IOException cause) {
        return switch (cause) {
            case SyscallException failed -> failed.errno();
            case AccessDeniedException _ -> Errno.EACCES;
            case NoSuchFileException _ -> Errno.ENOENT;
            default -> Errno.inWords(String.valueOf(cause.getMessage()));
        };
    }

    /** The exceptions of java.nio say what happened by their class alone. */
    private static String reason(IOException cause) {
        String message = String.valueOf(cause.getMessage());
        return switch (cause) {
            case NoSuchFileException _ -> message + " does not exist";
            case AccessDeniedException _ -> message + ": permission denied";
            default -> message;
        };
    }
}
