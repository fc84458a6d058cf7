package io.aestus.cli;

import io.aestus.AestusException;
import java.io.IOException;
import java.io.PrintStream;
import picocli.CommandLine.ParameterException;

/** How the command line says what went wrong: one line, then the remedy where there is one. The only place that does. */
final class ErrorReport {
    private final PrintStream err;
    private final boolean debug;

    ErrorReport(PrintStream err, boolean debug) {
        this.err = err;
        this.debug = debug;
    }

    /** The command line was wrong. */
    int usage(ParameterException error) {
        var spec = error.getCommandLine().getCommandSpec();
        err.println("aestus: " + firstLine(String.valueOf(error.getMessage())));
        err.println(Help.synopsis(spec) + "   (" + spec.qualifiedName(" ") + " --help explains)");
        return ExitCode.USAGE;
    }

    /** Aestus could not do it. */
    int failure(Exception error) {
        switch (error) {
            case AestusException known -> {
                err.println("aestus: " + known.message());
                known.remedy().ifPresent(remedy -> err.println("  try: " + remedy));
            }
            case IOException refused -> err.println("aestus: " + describe(refused));
            case InterruptedException _ -> err.println("aestus: interrupted");
            default -> {
                err.println("aestus: internal error: " + error);
                err.println("  this is a bug in Aestus; --debug shows where");
            }
        }
        if (debug) {
            chain(error);
        }
        return ExitCode.FAILED;
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
    private static String describe(IOException error) {
        return switch (error) {
            case java.nio.file.NoSuchFileException missing -> "cannot open " + missing.getFile() + ": no such file";
            case java.nio.file.AccessDeniedException denied ->
                "cannot open " + denied.getFile() + ": permission denied";
            case java.nio.file.FileAlreadyExistsException there ->
                "cannot create " + there.getFile() + ": it exists already";
            case java.nio.file.NotDirectoryException file -> "cannot open " + file.getFile() + ": not a directory";
            default -> String.valueOf(error.getMessage());
        };
    }

    private static String firstLine(String text) {
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }
}
