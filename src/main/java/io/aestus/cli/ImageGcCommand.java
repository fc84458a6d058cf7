package io.aestus.cli;

import io.aestus.appc.ImageId;
import io.aestus.appc.Quantity;
import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.store.GcReport;
import io.aestus.store.ImageStore;
import io.aestus.store.StoredImage;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus image gc}: by age, or by size, those first that were not used for longest. */
final class ImageGcCommand implements Command {
    private static final Duration GRACE = Duration.ofHours(24);

    /** Whether enough has been removed. */
    private interface Goal {
        boolean isReached() throws IOException;
    }

    @Override
    public CommandSpec spec() {
        return Options.command(
                        "gc",
                        "Removes images that neither a pod nor another image needs, that no agent pins and that were not used for"
                                + " some time."
                                + " With --max-size or --until-free only as many as it takes, those first that were not used"
                                + " for longest.",
                        "aestus image gc",
                        "aestus image gc --grace-period=0s",
                        "aestus image gc --max-size=20Gi",
                        "aestus image gc --until-free=5Gi")
                .addOption(Options.value(
                        "--grace-period", "DURATION", "how long unused images are kept (24h; with a size: not at all)"))
                .addOption(Options.value("--max-size", "SIZE", "what all images may take on disk, such as 20Gi"))
                .addOption(Options.value("--until-free", "SIZE", "how much of the disk shall be free, such as 5Gi"));
    }

    @Override
    public int run(ParseResult arguments, Session session) throws IOException {
        Optional<Long> most = Options.parsed(arguments, "--max-size", ImageGcCommand::bytes);
        Optional<Long> free = Options.parsed(arguments, "--until-free", ImageGcCommand::bytes);
        Optional<Duration> grace = Options.duration(arguments, "--grace-period");
        ImageStore images = session.images();
        GcReport report;
        boolean isReached = true;
        if (most.isEmpty() && free.isEmpty()) {
            report = images.gc(grace.orElse(GRACE), Set.of());
        } else {
            Goal goal = () -> (most.isEmpty() || images.diskUse().total() <= most.get())
                    && (free.isEmpty() || usable(session) >= free.get());
            report = shrink(images, grace.orElse(Duration.ZERO), goal);
            isReached = goal.isReached();
        }
        print(report, session);
        if (!isReached) {
            session.note("more cannot go: the rest is needed by pods, or was used too lately");
        }
        return isReached ? ExitCode.DONE : ExitCode.FAILED;
    }

    private static void print(GcReport report, Session session) {
        session.output().print(json(report), to -> {
            for (ImageId id : report.images()) {
                to.println("removed image \"" + id + "\"");
            }
        });
        session.note(report.images().size() + " images and " + report.trees() + " rendered trees removed, "
                + Figures.bytes(report.bytes()) + " freed");
    }

    private static long bytes(String text) {
        return Quantity.parse(text).wholeUp();
    }

    private static long usable(Session session) throws IOException {
        return Files.getFileStore(session.options().dir()).getUsableSpace();
    }

    /** A little more at a time: each round takes what was used no later than the next image, and is needed by none that stays. */
    private static GcReport shrink(ImageStore images, Duration grace, Goal goal) throws IOException {
        Instant now = Instant.now();
        List<Instant> uses = images.list().stream()
                .map(StoredImage::lastUsed)
                .sorted()
                .distinct()
                .toList();
        var removed = new ArrayList<ImageId>();
        int trees = 0;
        long bytes = 0;
        for (Instant use : uses) {
            if (goal.isReached() || use.isAfter(now.minus(grace))) {
                break;
            }
            GcReport report = images.gc(Duration.between(use, Instant.now()).minusMillis(1), Set.of());
            removed.addAll(report.images());
            trees += report.trees();
            bytes += report.bytes();
        }
        return new GcReport(removed, trees, bytes);
    }

    private static JsonObject json(GcReport report) {
        return JsonObject.builder()
                .put("images", Json.array(report.images(), id -> Json.of(id.toString())))
                .put("trees", report.trees())
                .put("bytes", report.bytes())
                .build();
    }
}
