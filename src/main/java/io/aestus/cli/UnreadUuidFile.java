package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.Problem;

/** The file of {@code --uuid-file} cannot be read: rkt has an exit code of its own for that. */
final class UnreadUuidFile extends AestusException {
    private static final long serialVersionUID = 1;

    UnreadUuidFile(String file, Exception cause) {
        super(Problem.NOT_FOUND, "cannot read the UUID of a pod from " + file + ": " + reason(cause), cause);
    }

    private static String reason(Exception cause) {
        return cause instanceof java.nio.file.NoSuchFileException ? "no such file" : String.valueOf(cause.getMessage());
    }
}
