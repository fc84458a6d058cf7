package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.network.Network;
import io.aestus.network.PodNetworks;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus network list}. */
final class NetworkListCommand implements Command {
    /** @param obstacle why no pod can be attached now; empty when they can */
    private record Row(Network network, Optional<String> obstacle) {
        String plugins() {
            return String.join(",", network.types());
        }

        JsonObject json() {
            return JsonObject.builder()
                    .put("name", network.name())
                    .put("source", network.source())
                    .put("plugins", Json.strings(network.types()))
                    .put("ready", obstacle.isEmpty())
                    .put("obstacle", obstacle)
                    .build();
        }
    }

    @Override
    public CommandSpec spec() {
        return Options.command(
                        "list",
                        "Lists the networks that pods of this host can be in, and whether they work.",
                        "aestus network list",
                        "aestus network list --format=json")
                .addOption(Options.noLegend());
    }

    @Override
    public Power power() {
        return Power.NONE;
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        PodNetworks networks = session.networks();
        List<Row> rows = networks.list().stream()
                .map(network -> new Row(network, obstacle(networks, network)))
                .toList();
        var columns = List.of(
                new Table.Column<Row>("NAME", row -> row.network().name()),
                new Table.Column<Row>("PLUGINS", Row::plugins),
                new Table.Column<Row>("SOURCE", row -> row.network().source()),
                new Table.Column<Row>("STATE", row -> row.obstacle().orElse("ready")));
        var legend = Options.legend(arguments);
        session.output().print(new Table<>(columns, Row::json, legend), rows);
        networks.broken().forEach(file -> session.note(file.message()));
        return ExitCode.DONE;
    }

    private static Optional<String> obstacle(PodNetworks networks, Network network) {
        try {
            networks.requireReady(network.name());
            return Optional.empty();
        } catch (AestusException e) {
            return Optional.of(e.message());
        }
    }
}
