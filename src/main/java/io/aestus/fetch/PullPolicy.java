package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import java.util.Locale;

/** When to ask a server for an image. A path is always read afresh. */
public enum PullPolicy {
    /** Only for what the store does not have. */
    NEW,
    /** Always, though the server may say that nothing changed, or have said for how long nothing will. */
    UPDATE,
    /** At no time: the store has it, or it is an error. */
    NEVER;

    /**
     * Reads the word for it, as in {@code --pull-policy}.
     *
     * @throws AestusException {@link Problem#INVALID} unless {@code word} is {@code new}, {@code update} or {@code never}
     */
    public static PullPolicy parse(String word) {
        for (PullPolicy policy : values()) {
            if (policy.name().toLowerCase(Locale.ROOT).equals(word)) {
                return policy;
            }
        }
        throw new AestusException(
                Problem.INVALID, "cannot read pull policy " + Quoted.of(word) + ": expected new, update or never");
    }
}
