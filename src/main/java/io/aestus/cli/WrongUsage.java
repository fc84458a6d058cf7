package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.Problem;
import org.jspecify.annotations.Nullable;

/** Words were given that the command does not understand or that do not go together, or none where some are needed: exit code 2. */
final class WrongUsage extends AestusException {
    private static final long serialVersionUID = 1L;

    /** Shown with the command's line of usage. */
    WrongUsage(String message) {
        this(message, null);
    }

    private WrongUsage(String message, @Nullable String remedy) {
        super(Problem.INVALID, message, remedy, null);
    }

    @Override
    public WrongUsage withRemedy(String remedy) {
        return new WrongUsage(message(), remedy);
    }
}
