package io.aestus.cli;

import io.aestus.executor.PodState;
import io.aestus.executor.PodStatus;
import io.aestus.json.JsonObject;
import io.aestus.linux.Directory;
import io.aestus.linux.TreeUse;
import io.aestus.store.DiskUse;
import io.aestus.store.StoreLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus system df}. */
final class SystemDfCommand implements Command {

    /** @param reclaimable what {@code system prune} would free, unless an image that is used stands on one that is not */
    private record Line(String what, long count, long active, long bytes, long reclaimable) {
        JsonObject json() {
            return JsonObject.builder()
                    .put("type", what.toLowerCase(Locale.ROOT))
                    .put("count", count)
                    .put("active", active)
                    .put("bytes", bytes)
                    .put("reclaimable_bytes", reclaimable)
                    .build();
        }
    }

    @Override
    public CommandSpec spec() {
        return Options.command(
                        "df",
                        "Says what images and pods take on disk, and what of that system prune would free.",
                        "aestus system df",
                        "aestus system df --format=json")
                .addOption(Options.noLegend());
    }

    @Override
    public int run(ParseResult arguments, Session session) throws IOException {
        List<PodStatus> pods = session.executor().list();
        var legend = Options.legend(arguments);
        var table = new Table<>(
                List.of(
                        new Table.Column<Line>("TYPE", Line::what),
                        new Table.Column<>("COUNT", line -> Long.toString(line.count())),
                        new Table.Column<>("ACTIVE", line -> Long.toString(line.active())),
                        new Table.Column<>("SIZE", line -> Figures.bytes(line.bytes())),
                        new Table.Column<>("RECLAIMABLE", line -> Figures.bytes(line.reclaimable()))),
                Line::json,
                legend);
        session.output().print(table, List.of(images(session, pods), unfinished(session), pods(session, pods)));
        return ExitCode.DONE;
    }

    private static Line images(Session session, List<PodStatus> pods) throws IOException {
        DiskUse use = session.images().diskUse();
        var used = new HashSet<String>();
        pods.forEach(pod -> pod.apps().forEach(app -> used.add(app.image().toString())));
        long active = use.images().stream()
                .filter(image -> used.contains(image.image().id().toString()))
                .count();
        long idle = use.images().stream()
                .filter(image -> !used.contains(image.image().id().toString()))
                .mapToLong(DiskUse.OfImage::total)
                .sum();
        return new Line("Images", use.images().size(), active, use.total() - use.unfinished(), idle);
    }

    private static Line unfinished(Session session) throws IOException {
        long bytes = session.images().diskUse().unfinished();
        return new Line("Downloads", 0, 0, bytes, 0);
    }

    private static Line pods(Session session, List<PodStatus> pods) throws IOException {
        long active = 0;
        long bytes = 0;
        long reclaimable = 0;
        for (PodStatus pod : pods) {
            long size = bytes(StoreLayout.of(session.options().dir()).pod(pod.uuid()));
            bytes += size;
            boolean isOver = pod.state() instanceof PodState.Exited || pod.state() instanceof PodState.Aborted;
            reclaimable += isOver ? size : 0;
            active += pod.state() instanceof PodState.Running ? 1 : 0;
        }
        return new Line("Pods", pods.size(), active, bytes, reclaimable);
    }

    private static long bytes(Path pod) throws IOException {
        if (!Files.isDirectory(pod)) {
            return 0; // removed meanwhile
        }
        var use = new TreeUse();
        try (Directory directory = Directory.open(pod)) {
            use.add(directory);
        }
        return use.bytes();
    }
}
