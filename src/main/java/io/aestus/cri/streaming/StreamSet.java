package io.aestus.cri.streaming;

import io.aestus.AestusException;
import io.aestus.Problem;

/**
 * The streams of a command that somebody wants.
 *
 * @param tty whether they are a terminal: then there is no stderr
 */
public record StreamSet(boolean stdin, boolean stdout, boolean stderr, boolean tty) {
    /** @throws AestusException {@link Problem#INVALID} if there is no such set */
    public StreamSet {
        if (tty && stderr) {
            throw new AestusException(
                    Problem.INVALID, "cannot stream a terminal's stderr: it has none, its output is all stdout");
        }
        if (!stdin && !stdout && !stderr) {
            throw new AestusException(Problem.INVALID, "cannot stream: none of stdin, stdout and stderr is wanted");
        }
    }
}
