package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.linux.Errno;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** What the machine refuses, as what cannot be done for whoever asked. */
final class Failures {
    private Failures() {}

    static AestusException of(String what, IOException cause) {
        return new AestusException(problem(cause), "cannot " + what + ": " + reason(cause), cause);
    }

    private static Problem problem(IOException cause) {
        if (cause instanceof SyscallException failed) {
            return switch (failed.errno()) {
                case Errno.ENOSPC, Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM -> Problem.EXHAUSTED;
                case Errno.EPERM, Errno.EACCES -> Problem.DENIED;
                case Errno.ENOSYS -> Problem.UNSUPPORTED;
                case Errno.ENOENT -> Problem.NOT_FOUND;
                default -> Problem.UNAVAILABLE;
            };
        }
        return switch (cause) {
            case AccessDeniedException _ -> Problem.DENIED;
            case FileSystemException failed
            when "No space left on device".equals(failed.getReason()) -> Problem.EXHAUSTED;
            default -> Problem.UNAVAILABLE;
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
