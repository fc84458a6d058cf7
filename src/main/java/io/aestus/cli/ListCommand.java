package io.aestus.cli;

import io.aestus.executor.AppStatus;
import io.aestus.executor.PodStatus;
import io.aestus.json.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus list}: all pods, with their apps on lines of their own. */
final class ListCommand implements Command {
    /** A line: an app of a pod, the first of which carries the pod's columns. */
    private record Line(PodStatus pod, @Nullable AppStatus app, boolean isFirst) {
        String ofPod(Function<PodStatus, String> column) {
            return isFirst ? column.apply(pod) : "";
        }

        String ofApp(Function<AppStatus, String> column) {
            return app == null ? "" : column.apply(app);
        }
    }

    @Override
    public CommandSpec spec() {
        return Options.command(
                        "list",
                        "Lists pods and their apps.",
                        "aestus list",
                        "aestus list --selector 'app=web,tier in (dev,test)' --format=json")
                .addOption(Options.value(
                        "--selector", "LABELS", "only pods with such labels: app=web,tier!=db,env in (dev,test)"))
                .addOption(Options.flag("--full", "whole IDs and absolute times"))
                .addOption(Options.noLegend());
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        List<PodStatus> pods = selected(Options.value(arguments, "--selector"), session);
        boolean full = Options.isSet(arguments, "--full");
        var legend = Options.legend(arguments);
        var table = new Table<Line>(
                columns(full, Instant.now(), session.dialect()), line -> PodForms.json(line.pod()), legend);
        session.output()
                .print(
                        () -> Json.array(pods, PodForms::json),
                        to -> table.print(lines(pods), to, session.window(), session.ink()));
        return ExitCode.DONE;
    }

    private static List<PodStatus> selected(Optional<String> selector, Session session) {
        if (selector.isEmpty()) {
            return session.allPods();
        }
        LabelSelector wanted = LabelSelector.parse(selector.get());
        return session.allPods().stream()
                .filter(pod -> wanted.matches(PodForms.labels(pod)))
                .toList();
    }

    private static List<Line> lines(List<PodStatus> pods) {
        var lines = new ArrayList<Line>();
        for (PodStatus pod : pods) {
            if (pod.apps().isEmpty()) {
                lines.add(new Line(pod, null, true));
            }
            for (int i = 0; i < pod.apps().size(); i++) {
                lines.add(new Line(pod, pod.apps().get(i), i == 0));
            }
        }
        return lines;
    }

    private static List<Table.Column<Line>> columns(boolean full, Instant now, Dialect dialect) {
        Function<Instant, String> time = at -> full ? PodForms.time(at, dialect) : PodForms.ago(at, now);
        var columns = new ArrayList<Table.Column<Line>>();
        columns.add(new Table.Column<>(
                "UUID",
                line -> line.ofPod(pod ->
                        full ? pod.uuid().toString() : pod.uuid().toString().substring(0, 8))));
        if (dialect == Dialect.AESTUS) { // scripts for rkt count columns
            columns.add(new Table.Column<>("NAME", line -> line.ofPod(PodForms::name)));
        }
        columns.add(
                new Table.Column<>("APP", line -> line.ofApp(app -> app.name().toString())));
        columns.add(new Table.Column<>("IMAGE NAME", line -> line.ofApp(PodForms::imageName)));
        if (full) {
            columns.add(new Table.Column<>("IMAGE ID", line -> line.ofApp(PodForms::shortId)));
        }
        columns.add(
                new Table.Column<>("STATE", line -> line.ofPod(PodStatus::word), line -> PodForms.tone(line.pod())));
        columns.add(new Table.Column<>("CREATED", line -> line.ofPod(pod -> time.apply(pod.created()))));
        columns.add(new Table.Column<>(
                "STARTED",
                line -> line.ofPod(pod -> PodForms.started(pod).map(time).orElse(""))));
        columns.add(new Table.Column<>("NETWORKS", line -> line.ofPod(PodForms::networks)));
        return columns;
    }
}
