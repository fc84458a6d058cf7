package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.PodUuid;
import io.aestus.executor.GcOptions;
import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.store.GcReport;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus system prune}. */
final class SystemPruneCommand implements Command {
    private static final Duration EVER = Duration.ofDays(36_500);

    @Override
    public CommandSpec spec() {
        return Options.command(
                        "prune",
                        "Removes pods that have ended, what crashes have left on the host, and images that no pod needs.",
                        "aestus system prune",
                        "aestus system prune --force --prepared")
                .addOption(Options.flag("--force", "do not ask"))
                .addOption(Options.flag("--prepared", "prepared pods too"))
                .addOption(Options.flag("--keep-images", "no images"));
    }

    @Override
    public int run(ParseResult arguments, Session session) throws IOException {
        if (!Options.isSet(arguments, "--force") && !isConfirmed(session)) {
            return ExitCode.FAILED;
        }
        Duration prepared = Options.isSet(arguments, "--prepared") ? Duration.ZERO : EVER;
        List<PodUuid> pods = session.executor().gc(new GcOptions(Duration.ZERO, prepared));
        GcReport images = Options.isSet(arguments, "--keep-images")
                ? new GcReport(List.of(), 0, 0)
                : session.images().gc(Duration.ZERO, Set.of());
        session.output().print(() -> json(pods, images), to -> {
            pods.forEach(pod -> to.println("removed pod \"" + pod + "\""));
            images.images().forEach(image -> to.println("removed image \"" + image + "\""));
        });
        session.note(pods.size() + " pods, " + images.images().size() + " images and " + images.trees()
                + " rendered trees removed");
        return ExitCode.DONE;
    }

    private static boolean isConfirmed(Session session) throws IOException {
        try {
            return session.confirms("Remove all pods that have ended and all images that no pod needs");
        } catch (AestusException e) {
            throw new AestusException(Problem.DENIED, "cannot ask whether to remove: standard input is no terminal", e)
                    .withRemedy("--force");
        }
    }

    private static JsonObject json(List<PodUuid> pods, GcReport images) {
        return JsonObject.builder()
                .put("pods", Json.array(pods, pod -> Json.of(pod.toString())))
                .put("images", Json.array(images.images(), image -> Json.of(image.toString())))
                .put("trees", images.trees())
                .put("image_bytes", images.bytes())
                .build();
    }
}
