package io.aestus.cli;

import io.aestus.aci.Finding;
import io.aestus.aci.ImageValidator;
import io.aestus.aci.UnpackLimits;
import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus image validate}: whether files are images, and what in them may surprise. */
final class ImageValidateCommand implements Command {
    private record Checked(String file, ImageValidator.Report report) {}

    @Override
    public CommandSpec spec() {
        return Options.command(
                        "validate",
                        "Checks whether files are images that can be stored. Fails if one is not.",
                        "aestus image validate web.aci")
                .addPositional(Options.words("FILE", "1..*", "archives, compressed or not"));
    }

    @Override
    public Power power() {
        return Power.NONE;
    }

    @Override
    public int run(ParseResult arguments, Session session) throws IOException {
        var checked = new ArrayList<Checked>();
        for (String file : Options.words(arguments)) {
            try (InputStream in = Files.newInputStream(Path.of(file))) {
                checked.add(new Checked(file, ImageValidator.validate(in, UnpackLimits.DEFAULT)));
            }
        }
        session.output().print(Json.array(checked, ImageValidateCommand::json), to -> print(checked, to));
        return checked.stream().allMatch(each -> each.report().isValid()) ? ExitCode.DONE : ExitCode.FAILED;
    }

    private static void print(List<Checked> all, PrintStream to) {
        for (Checked each : all) {
            ImageValidator.Report report = each.report();
            String name =
                    report.manifest().map(manifest -> ", " + manifest.name()).orElse("");
            String id = report.id().map(found -> ", " + found.abbreviated()).orElse("");
            to.println(each.file() + ": " + (report.isValid() ? "valid" : "not valid") + name + id);
            for (Finding finding : report.findings()) {
                to.println("  " + word(finding) + ": " + finding.text());
            }
        }
    }

    private static JsonObject json(Checked each) {
        ImageValidator.Report report = each.report();
        return JsonObject.builder()
                .put("file", each.file())
                .put("valid", report.isValid())
                .put("id", report.id())
                .put("name", report.manifest().map(manifest -> manifest.name().toString()))
                .put("findings", Json.array(report.findings(), finding -> JsonObject.builder()
                        .put("severity", word(finding))
                        .put("text", finding.text())
                        .build()))
                .build();
    }

    private static String word(Finding finding) {
        return finding.severity().name().toLowerCase(Locale.ROOT);
    }
}
