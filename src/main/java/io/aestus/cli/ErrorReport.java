package io.aestus.cli;

import io.aestus.AestusException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** How the command line says what went wrong: one line, then the remedy where there is one. The only place that does. */
final class ErrorReport {
    private final PrintStream err;
    private final boolean debug;
    private final Dialect dialect;
    private final String name;

    ErrorReport(PrintStream err, boolean debug, Ink ink, Dialect dialect) {
        this.err = err;
        this.debug = debug;
        this.dialect = dialect;
        this.name = ink.draw(Ink.Tone.BAD, dialect.program() + ":") + " ";
    }

    /** The command line was wrong. */
    int usage(ParameterException error) {
        err.println(name + uncapitalized(firstLine(String.valueOf(error.getMessage()))));
        return synopsis(error.getCommandLine().getCommandSpec());
    }

    /** A command does not understand what it was told. */
    int usage(WrongUsage error, CommandSpec spec) {
        describe(error);
        return synopsis(spec);
    }

    private int synopsis(CommandSpec spec) {
        err.println(dialect.named(Help.synopsis(spec) + "   (" + spec.qualifiedName(" ") + " --help explains)"));
        return ExitCode.USAGE;
    }

    /** Aestus could not do it. */
    int failure(Exception error) {
        switch (error) {
            case AestusException known -> describe(known);
            case IOException refused -> err.println(name + describe(refused));
            case InterruptedException _ -> err.println(name + "interrupted");
            default -> {
                err.println(name + "internal error: " + error);
                err.println("  this is a bug in Aestus; --debug shows where");
            }
        }
        if (debug) {
            chain(error);
        }
        return ExitCode.FAILED;
    }

    private void describe(AestusException known) {
        err.println(name + known.message());
        known.remedy().ifPresent(remedy -> err.println("  try: " + dialect.named(remedy)));
    }

    private void chain(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            err.println("  caused by " + cause);
            for (StackTraceElement frame : cause.getStackTrace()) {
                if (frame.getClassName().startsWith("io.aestus")) {
                    err.println("    at " + frame);
                }
            }
        }
    }

    /** The JDK's file exceptions say no more than a path: the class holds the reason. */
    static String describe(IOException error) {
        return switch (error) {
            case NoSuchFileException missing -> "cannot open " + missing.getFile() + ": no such file";
            case AccessDeniedException denied -> "cannot open " + denied.getFile() + ": permission denied";
            case FileAlreadyExistsException there -> "cannot create " + there.getFile() + ": it exists already";
            case NotDirectoryException file -> "cannot open " + file.getFile() + ": not a directory";
            default -> String.valueOf(error.getMessage());
        };
    }

    /** The parser of options begins its messages as sentences. */
    private static String uncapitalized(String text) {
        return text.isEmpty() ? text : text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1);
    }

    private static String firstLine(String text) {
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }
}
