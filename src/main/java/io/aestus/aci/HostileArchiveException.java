package io.aestus.aci;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;

/** An archive that is refused for what it contains. The message names the entry, where one is at fault, and the reason. */
public final class HostileArchiveException extends AestusException {
    private static final long serialVersionUID = 1L;

    private HostileArchiveException(Problem problem, String message) {
        super(problem, message);
    }

    /** One entry breaks a rule. */
    static HostileArchiveException entry(String name, String reason) {
        return new HostileArchiveException(
                Problem.INVALID, "cannot read image: entry " + Quoted.of(name) + ' ' + reason);
    }

    /** The archive as a whole breaks a rule. */
    static HostileArchiveException archive(String reason) {
        return new HostileArchiveException(Problem.INVALID, "cannot read image: " + reason);
    }

    /** The bytes are not a whole archive: cut off, or damaged on the way. */
    static HostileArchiveException damaged(String reason) {
        return new HostileArchiveException(Problem.CORRUPT, "cannot read image: " + reason);
    }

    /** A limit of {@link UnpackLimits} is passed. */
    static HostileArchiveException limit(String what, long limit) {
        return new HostileArchiveException(Problem.EXHAUSTED, "cannot read image: more than " + limit + ' ' + what);
    }
}
