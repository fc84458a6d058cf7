package io.aestus.cli;

import io.aestus.json.Json;
import io.aestus.json.JsonWriter;
import io.aestus.store.StoredImage;
import java.io.IOException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus image cat-manifest}. */
final class ImageCatManifestCommand implements Command {
    @Override
    public CommandSpec spec() {
        return Options.command(
                        "cat-manifest",
                        "Prints an image's manifest.",
                        "aestus image cat-manifest example.com/shop/web:2.1.0")
                .addOption(Options.value("--pretty-print", "BOOL", "true (default), or false for a single line"))
                .addPositional(Options.words("IMAGE", "1", "an ID, a beginning of one, or a name"));
    }

    @Override
    public int run(ParseResult arguments, Session session) throws IOException {
        StoredImage image = session.images().resolve(Options.words(arguments).getFirst());
        Json json = image.manifest().toJson();
        boolean isPretty =
                switch (Options.value(arguments, "--pretty-print").orElse("true")) {
                    case "true" -> true;
                    case "false" -> false;
                    case String _ -> throw new WrongUsage("--pretty-print is true or false");
                };
        session.output()
                .print(
                        json,
                        to -> to.println(
                                isPretty ? JsonWriter.prettyText(json).stripTrailing() : JsonWriter.compactText(json)));
        return ExitCode.DONE;
    }
}
