package io.aestus.cli;

import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Says that words were given which do not go together, or none where some are needed: exit code 2. */
final class WrongUsage {
    private WrongUsage() {}

    /** To be thrown by a command; shown with its line of usage. */
    static ParameterException of(ParseResult arguments, String message) {
        return new ParameterException(arguments.commandSpec().commandLine(), message);
    }
}
