package io.aestus.json;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;

/**
 * A text that cannot be read as what it should be. It keeps the reason apart, so that {@link JsonView#parsed} can put the
 * text's place in front of it.
 */
public final class MalformedException extends AestusException {
    private static final long serialVersionUID = 1L;

    private final String reason;

    /**
     * @param what what the text should be, as in {@code image ID}
     * @param text the foreign text
     * @param reason what it must be, beginning with {@code must}
     */
    public MalformedException(String what, String text, String reason) {
        super(Problem.INVALID, "cannot read " + what + " " + Quoted.of(text) + ": " + reason);
        this.reason = reason + ", not " + Quoted.of(text);
    }

    /** What the text must be and what it is, without saying where it stands. */
    public String reason() {
        return reason;
    }
}
