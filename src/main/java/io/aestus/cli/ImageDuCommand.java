package io.aestus.cli;

import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.store.DiskUse;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus image du}. */
final class ImageDuCommand implements Command {
    /** A line: an image, or something else that takes room. */
    private record Line(String name, String id, String archive, String files, String total) {
        static Line of(DiskUse.OfImage use) {
            return new Line(
                    ImageForms.name(use.image()),
                    use.image().id().abbreviated(),
                    Figures.bytes(use.archive()),
                    Figures.bytes(use.files()),
                    Figures.bytes(use.total()));
        }

        static Line of(String name, long bytes) {
            return new Line(name, "", "", "", Figures.bytes(bytes));
        }
    }

    @Override
    public CommandSpec spec() {
        return Options.command(
                        "du",
                        "Says what images take on disk: their archives, their files, trees rendered of them, and downloads that"
                                + " may be continued. A file with several names counts once.",
                        "aestus image du",
                        "aestus image du --format=json")
                .addOption(Options.noLegend());
    }

    @Override
    public int run(ParseResult arguments, Session session) throws IOException {
        DiskUse use = session.images().diskUse();
        var legend = Options.legend(arguments);
        session.output().print(() -> json(use), to -> print(use, legend, to));
        return ExitCode.DONE;
    }

    private static void print(DiskUse use, Table.Legend legend, PrintStream to) {
        var lines = new ArrayList<>(use.images().stream().map(Line::of).toList());
        lines.add(Line.of("(rendered trees)", use.rendered()));
        lines.add(Line.of("(unfinished)", use.unfinished()));
        lines.add(Line.of("(all)", use.total()));
        List<Table.Column<Line>> columns = List.of(
                new Table.Column<>("NAME", Line::name),
                new Table.Column<>("ID", Line::id),
                new Table.Column<>("ARCHIVE", Line::archive),
                new Table.Column<>("FILES", Line::files),
                new Table.Column<>("TOTAL", Line::total));
        new Table<>(columns, line -> Json.of(line.name()), legend).print(lines, to, Window.BOUNDLESS, Ink.PLAIN);
    }

    private static JsonObject json(DiskUse use) {
        return JsonObject.builder()
                .put("images", Json.array(use.images(), ImageDuCommand::json))
                .put("rendered", use.rendered())
                .put("unfinished", use.unfinished())
                .put("total", use.total())
                .build();
    }

    private static JsonObject json(DiskUse.OfImage use) {
        return JsonObject.builder()
                .put("id", use.image().id().toString())
                .put("name", ImageForms.name(use.image()))
                .put("archive", use.archive())
                .put("files", use.files())
                .put("total", use.total())
                .build();
    }
}
