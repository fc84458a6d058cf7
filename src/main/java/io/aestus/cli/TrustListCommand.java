package io.aestus.cli;

import io.aestus.Quoted;
import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.trust.KeyReview;
import io.aestus.trust.KeyStore;
import io.aestus.trust.Scope;
import io.aestus.trust.TrustedKey;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus trust list}. */
final class TrustListCommand implements Command {
    private record Row(TrustedKey key, KeyReview review) {
        String scope() {
            return switch (key.scope()) {
                case Scope.Root _ -> "(every image)";
                case Scope.Prefix(var name) -> name.toString();
            };
        }

        String identity() {
            return review.userIds().isEmpty() ? "" : Quoted.of(review.userIds().getFirst());
        }

        String state() {
            return review.canSign()
                    ? "good"
                    : "cannot sign: " + review.objection().orElse("");
        }

        JsonObject json() {
            var json = JsonObject.builder().put("root", key.scope() instanceof Scope.Root);
            if (key.scope() instanceof Scope.Prefix(var name)) {
                json.put("prefix", name.toString());
            }
            return json.put("fingerprint", review.fingerprint().toString())
                    .put("algorithm", review.algorithm())
                    .put("created", review.created().toString())
                    .put("expires", review.expires().map(Instant::toString))
                    .put("user_ids", Json.strings(review.userIds()))
                    .put(
                            "subkeys",
                            Json.array(
                                    review.subkeys(),
                                    each -> Json.of(each.fingerprint().toString())))
                    .put("can_sign", review.canSign())
                    .put("objection", review.objection())
                    .put("file", key.file().toString())
                    .build();
        }
    }

    @Override
    public CommandSpec spec() {
        return Options.command(
                        "list",
                        "Lists the trusted keys, and for which images they are trusted.",
                        "aestus trust list",
                        "aestus trust list --format=json")
                .addOption(Options.noLegend());
    }

    @Override
    public Power power() {
        return Power.NONE;
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        KeyStore.Listing listing = session.keys().list();
        Instant now = Instant.now();
        List<Row> rows = listing.keys().stream()
                .map(key -> new Row(key, key.key().review(now)))
                .toList();
        var columns = List.of(
                new Table.Column<Row>("PREFIX", Row::scope),
                new Table.Column<Row>(
                        "FINGERPRINT", row -> row.review().fingerprint().toString()),
                new Table.Column<Row>("IDENTITY", Row::identity),
                new Table.Column<Row>("STATE", Row::state));
        var legend = Options.legend(arguments);
        session.output().print(new Table<>(columns, Row::json, legend), rows);
        listing.refused().forEach(file -> session.note("key " + file.file() + " does not count: " + file.reason()));
        return ExitCode.DONE;
    }
}
