package io.aestus;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request that cannot be met. The message is one line, {@code cannot VERB OBJECT: REASON}, in lower case and without a
 * full stop; the remedy, where there is one, stands apart so that each front can show it in its own way.
 */
public class AestusException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Problem problem;
    private final @Nullable String remedy;

    public AestusException(Problem problem, String message) {
        this(problem, message, null, null);
    }

    public AestusException(Problem problem, String message, Throwable cause) {
        this(problem, message, null, cause);
    }

    protected AestusException(Problem problem, String message, @Nullable String remedy, @Nullable Throwable cause) {
        super(message, cause);
        this.problem = problem;
        this.remedy = remedy;
    }

    /** The same, with what the user can do about it: a command or a short imperative. */
    public AestusException withRemedy(String newRemedy) {
        var result = new AestusException(problem, message(), newRemedy, getCause());
        result.setStackTrace(getStackTrace());
        return result;
    }

    public Problem problem() {
        return problem;
    }

    /** What the user can do about it, if anything is known. */
    public Optional<String> remedy() {
        return Optional.ofNullable(remedy);
    }

    /** The message; never null. */
    public String message() {
        return String.valueOf(getMessage());
    }
}
