package io.aestus.cli;

import io.aestus.AestusException;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * One command of the command line. Options are described by picocli's programmatic model, not by annotations: reading
 * those by reflection costs more than all else that a short command does.
 */
interface Command {
    /** Describes name, options, parameters and examples; called once. */
    CommandSpec spec();

    /** The arguments as picocli shall see them; commands with a grammar of their own, such as run, rewrite them here. */
    default List<String> prepare(List<String> words) {
        return words;
    }

    /** The same with all that a group has below it; for completion and help. */
    default CommandSpec wholeSpec() {
        return spec();
    }

    /** Whether it takes what only root has: whoever is not becomes root of a namespace of their own then. */
    enum Power {
        NONE,
        /** It does without, if it must. */
        WANTED,
        NEEDED
    }

    default Power power() {
        return Power.NEEDED;
    }

    /**
     * Does it. Results go to {@link Session#out()} alone; progress, notices and questions to {@link Session#err()}.
     *
     * @param arguments the parsed arguments of this command or, in a group, of its innermost sub-command
     * @return the process's exit code
     * @throws Exception an {@link AestusException} when it cannot be done, an {@link IOException} when
     *     the machine refused; anything else is a bug and shown as one
     */
    int run(ParseResult arguments, Session session) throws Exception;
}
