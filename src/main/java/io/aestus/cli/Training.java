package io.aestus.cli;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Runs short commands in an empty directory so that the class cache that is being made knows their classes. */
final class Training {
    private Training() {}

    /** {@code args[0]}: an empty directory to work in. */
    public static void main(String[] args) {
        var nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        var aestus = new Aestus(nowhere, nowhere, Map.of("AESTUS_DIR", args[0]));
        for (var words : List.of(
                List.of("version", "--debug"), List.of("--help"), List.of("help", "version"), List.of("nonsense"))) {
            aestus.run(words);
        }
        System.out.print(Version.text());
    }
}
