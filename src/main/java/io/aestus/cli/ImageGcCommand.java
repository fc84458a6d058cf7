package io.aestus.cli;

import io.aestus.appc.ImageId;
import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.store.GcReport;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus image gc}. */
final class ImageGcCommand implements Command {
    private static final Duration GRACE = Duration.ofHours(24);

    @Override
    public CommandSpec spec() {
        return Options.command(
                        "gc",
                        "Removes images that neither a pod nor another image needs and that were not used for some time.",
                        "aestus image gc",
                        "aestus image gc --grace-period=0s")
                .addOption(
                        Options.value("--grace-period", "DURATION", "how long unused images are kept (default 24h)"));
    }

    @Override
    public int run(ParseResult arguments, Session session) throws IOException {
        Duration grace = Options.duration(arguments, "--grace-period").orElse(GRACE);
        GcReport report = session.images().gc(grace, Set.of());
        session.output().print(json(report), to -> {
            for (ImageId id : report.images()) {
                to.println("removed image \"" + id + "\"");
            }
        });
        session.err()
                .println("aestus: " + report.images().size() + " images and " + report.trees()
                        + " rendered trees removed, " + Figures.bytes(report.bytes()) + " freed");
        return ExitCode.DONE;
    }

    private static JsonObject json(GcReport report) {
        return JsonObject.builder()
                .put("images", Json.array(report.images(), id -> Json.of(id.toString())))
                .put("trees", report.trees())
                .put("bytes", report.bytes())
                .build();
    }
}
