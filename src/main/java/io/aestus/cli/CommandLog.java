package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;

/**
 * How what rooms log comes out of a command: on standard error, in lines like those of errors. The JVM makes one when something is
 * logged for the first time, which most commands never do.
 */
public final class CommandLog {
    private static final String LEVEL = "io.aestus.cli.level";
    private static final String TRACES = "io.aestus.cli.traces";

    /** Configures the logging of this process as {@link #prepare} was told. */
    public CommandLog() throws IOException {
        String configuration = """
                handlers=java.util.logging.ConsoleHandler
                .level=%1$s
                java.util.logging.ConsoleHandler.level=%1$s
                java.util.logging.ConsoleHandler.formatter=%2$s
                """.formatted(System.getProperty(LEVEL, Level.WARNING.getName()), Line.class.getName());
        LogManager.getLogManager()
                .readConfiguration(new ByteArrayInputStream(configuration.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * Has the JVM make one, when it needs it.
     *
     * @param level from which on things are told: {@code error}, {@code warn}, {@code info} or {@code debug}
     * @param hasTraces whether where they come from is told too
     * @throws AestusException {@link Problem#INVALID} for another level
     */
    static void prepare(String level, boolean hasTraces) {
        System.setProperty(LEVEL, name(level));
        System.setProperty(TRACES, Boolean.toString(hasTraces));
        System.setProperty("java.util.logging.config.class", CommandLog.class.getName());
    }

    private static String name(String level) {
        return switch (level) {
            case "error" -> "SEVERE";
            case "warn" -> "WARNING";
            case "info" -> "INFO";
            case "debug" -> "FINE";
            default ->
                throw new AestusException(
                        Problem.INVALID,
                        "cannot read --log-level " + Quoted.of(level) + ": expected error, warn, info or debug");
        };
    }

    /** One thing that was logged, as {@code aestus: what: why}, under the name that the program was called by. */
    public static final class Line extends Formatter {
        private final boolean hasTraces = Boolean.getBoolean(TRACES);

        @Override
        public String format(LogRecord log) {
            var text = new StringBuilder(Dialect.ofProcess().program())
                    .append(": ")
                    .append(formatMessage(log));
            Throwable cause = log.getThrown();
            if (cause != null) {
                text.append(": ").append(cause.getMessage() == null ? cause.toString() : cause.getMessage());
            }
            text.append('\n');
            if (cause != null && hasTraces) {
                var trace = new StringWriter();
                cause.printStackTrace(new PrintWriter(trace));
                text.append(trace);
            }
            return text.toString();
        }
    }
}
