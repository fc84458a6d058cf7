package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.linux.Errno;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** Turns what the machine and the network refused into what the user asked for and did not get. */
final class FetchFailures {
    private FetchFailures() {}

    /** @param what a name, URL or path, as in {@code cannot fetch WHAT} */
    static AestusException of(String what, IOException failure) {
        var result = new AestusException(problem(failure), "cannot fetch " + what + ": " + reason(failure), failure);
        return switch (failure) {
            case Boundary.LedInsideException _ -> result.withRemedy("--insecure-options=private, if that is meant");
            case IOException e
            when isDistrust(e) -> result.withRemedy("give the authority of its certificate with --ca-file FILE");
            default -> result;
        };
    }

    private static Problem problem(IOException failure) {
        return switch (failure) {
            case SyscallException e when e.errno() == Errno.ENOSPC || e.errno() == Errno.EDQUOT -> Problem.EXHAUSTED;
            case SyscallException e when e.errno() == Errno.EACCES || e.errno() == Errno.EPERM -> Problem.DENIED;
            case AccessDeniedException _ -> Problem.DENIED;
            case Download.TooLargeException _ -> Problem.EXHAUSTED;
            case IOException e when isDistrust(e) -> Problem.UNTRUSTED;
            case HttpTransport.RefusedException _ -> Problem.DENIED;
            default -> Problem.UNAVAILABLE;
        };
    }

    /** A server that answered, but not with what was asked for. */
    static AestusException ofStatus(String what, int status) {
        return switch (status) {
            case 404, 410 ->
                new AestusException(Problem.NOT_FOUND, "cannot fetch " + what + ": the server does not have it");
            case 401, 403, 407 ->
                new AestusException(
                                Problem.DENIED,
                                "cannot fetch " + what + ": the server answers " + status
                                        + " and wants other credentials than we have")
                        .withRemedy("put credentials for the host into auth.d");
            default ->
                new AestusException(Problem.UNAVAILABLE, "cannot fetch " + what + ": the server answers " + status);
        };
    }

    /** Whether the server's certificate, not the network, is what failed. */
    static boolean isDistrust(Throwable failure) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException
                    || cause instanceof CertPathValidatorException
                    || cause instanceof CertPathBuilderException
                    || cause instanceof SSLPeerUnverifiedException) {
                return true;
            }
        }
        return false;
    }

    /** What failed, in words for a line of its own. */
    static String reason(IOException failure) {
        return switch (failure) {
            case UnknownHostException unknown -> "there is no host " + Quoted.of(String.valueOf(unknown.getMessage()));
            case SocketTimeoutException _ -> "the server does not answer in time";
            case IOException e when isDistrust(e) -> "its certificate is not trusted: " + deepest(e);
            default -> deepest(failure);
        };
    }

    private static String deepest(Throwable failure) {
        Throwable deepest = failure;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        return deepest.getMessage() == null ? deepest.getClass().getSimpleName() : deepest.getMessage();
    }

    /** The first of several failures that does not just say that nothing is there, with the others behind it. */
    static AestusException worst(List<AestusException> failures) {
        AestusException worst = failures.stream()
                .filter(failure -> failure.problem() != Problem.NOT_FOUND)
                .findFirst()
                .orElse(failures.getFirst());
        failures.stream().filter(failure -> failure != worst).forEach(worst::addSuppressed);
        return worst;
    }
}
