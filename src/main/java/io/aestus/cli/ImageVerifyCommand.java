package io.aestus.cli;

import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.store.Verification;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus image verify}: hashes archives again and compares the unpacked files with them. */
final class ImageVerifyCommand implements Command {
    @Override
    public CommandSpec spec() {
        return Options.command(
                        "verify",
                        "Hashes the archives of images again and compares the unpacked files with them, byte by byte."
                                + " Fails if something was changed.",
                        "aestus image verify example.com/shop/web:2.1.0")
                .addPositional(Options.words("IMAGE", "1..*", "IDs, beginnings of them, or names"));
    }

    @Override
    public int run(ParseResult arguments, Session session) throws IOException {
        var verified = new ArrayList<Verification>();
        for (String word : Options.words(arguments)) {
            verified.add(session.images().verify(session.images().resolve(word).id()));
        }
        session.output().print(Json.array(verified, ImageVerifyCommand::json), to -> print(verified, to));
        return verified.stream().allMatch(Verification::isSound) ? ExitCode.DONE : ExitCode.FAILED;
    }

    private static void print(List<Verification> all, PrintStream to) {
        for (Verification each : all) {
            to.println(each.id().abbreviated() + ": " + (each.isSound() ? "sound" : "changed"));
            each.differences().forEach(difference -> to.println("  " + difference));
        }
    }

    private static JsonObject json(Verification each) {
        return JsonObject.builder()
                .put("id", each.id().toString())
                .put("sound", each.isSound())
                .put("differences", Json.strings(each.differences()))
                .build();
    }
}
