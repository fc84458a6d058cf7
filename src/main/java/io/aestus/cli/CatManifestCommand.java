package io.aestus.cli;

import io.aestus.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus cat-manifest}: a pod's manifest. */
final class CatManifestCommand implements Command {
    @Override
    public CommandSpec spec() {
        return Options.command("cat-manifest", "Prints a pod's manifest.", "aestus cat-manifest 5d0f")
                .addOption(Options.uuidFile())
                .addPositional(Options.pods("0..1"));
    }

    @Override
    public int run(ParseResult arguments, Session session) throws Exception {
        var pod = session.executor().status(session.pod(arguments));
        var json = pod.manifest().toJson();
        session.output()
                .print(
                        json,
                        to -> to.println(new String(JsonWriter.pretty(json), StandardCharsets.UTF_8).stripTrailing()));
        return ExitCode.DONE;
    }
}
