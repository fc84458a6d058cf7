package io.aestus.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Runs command lines in this process, with data and configuration of their own, and a person to answer if need be. */
final class Shell {
    private final Path dir;
    private final Map<String, String> environment = new HashMap<>();
    private Dialect dialect = Dialect.AESTUS;

    Shell(Path dir) {
        this.dir = dir;
    }

    /** What came of a command line. */
    record Result(int code, String out, String err) {
        /** The result of a command that must work. */
        String ok() {
            if (code != 0) {
                throw new AssertionError("code " + code + "\n" + out + err);
            }
            return out;
        }

        /** The complaint of a command that must fail. */
        String fails(int expected) {
            if (code != expected) {
                throw new AssertionError("code " + code + "\n" + out + err);
            }
            return err;
        }
    }

    Shell with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    /** As if called by that name. */
    Shell as(Dialect newDialect) {
        dialect = newDialect;
        return this;
    }

    Path data() {
        return dir.resolve("data");
    }

    Path config() {
        return dir.resolve("config");
    }

    /** With nobody at a terminal. */
    Result run(String... words) {
        return run(new Caller(false, false, new ByteArrayInputStream(new byte[0])), words);
    }

    /** With somebody who types {@code answers}. */
    Result answering(String answers, String... words) {
        return run(new Caller(true, true, new ByteArrayInputStream(answers.getBytes(StandardCharsets.UTF_8))), words);
    }

    /** With somebody who sees results while they are written. */
    Result shown(String... words) {
        return run(new Caller(false, true, true, new ByteArrayInputStream(new byte[0])), words);
    }

    private Result run(Caller caller, String... words) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var line = new ArrayList<>(List.of("--dir", data().toString(), "--config-dir", config().toString()));
        line.addAll(List.of(words));
        int code = new Aestus(
                        new PrintStream(out, false, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        environment,
                        caller,
                        dialect)
                .run(line);
        return new Result(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
