package io.aestus.cli;

import io.aestus.json.JsonObject;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus version}, when something else is on the command line; alone it is answered by {@link Aestus} at once. */
final class VersionCommand implements Command {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = CommandSpec.create().name("version");
        spec.usageMessage().description("Prints the versions of Aestus, of the appc specification and of Java.");
        return spec;
    }

    @Override
    public Power power() {
        return Power.NONE;
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        session.output().print(VersionCommand::json, to -> to.print(Version.text()));
        return ExitCode.DONE;
    }

    private static JsonObject json() {
        return JsonObject.builder()
                .put("aestus", Version.AESTUS)
                .put("appc", Version.APPC)
                .put("java", System.getProperty("java.version"))
                .put("arch", "linux/" + System.getProperty("os.arch"))
                .build();
    }
}
