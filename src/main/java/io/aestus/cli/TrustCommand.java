package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.fetch.Insecure;
import io.aestus.fetch.PublishedKeys;
import io.aestus.fetch.PullPolicy;
import io.aestus.trust.KeyReview;
import io.aestus.trust.KeyStore;
import io.aestus.trust.OpenPgpKey;
import io.aestus.trust.Scope;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus trust}: shows keys, asks, and trusts them from then on. */
final class TrustCommand implements Command {
    /** A key and where it was found. */
    private record Offered(String from, OpenPgpKey key) {}

    @Override
    public CommandSpec spec() {
        CommandSpec spec = TrustCommands.addScope(Options.command(
                        "trust",
                        "Trusts keys to sign images, after showing them and asking.",
                        "aestus trust --prefix example.com/shop",
                        "aestus trust --prefix example.com/shop https://example.com/keys.asc",
                        "aestus trust --root --skip-review vendor.asc",
                        "aestus trust list",
                        "aestus trust rm --prefix example.com/shop 9F3A…"))
                .addOption(picocli.CommandLine.Model.OptionSpec.builder("--skip-review", "--skip-fingerprint-review")
                        .type(boolean.class)
                        .arity("0")
                        .description("do not ask")
                        .build())
                .addOption(Options.flag("--insecure-allow-http", "look for keys over plain http too"))
                .addPositional(Options.words(
                        "KEY", "0..*", "files and https URLs of public keys; none to ask the prefix's own server"));
        spec.usageMessage().customSynopsis("aestus trust --prefix NAME | --root [OPTIONS] [KEY…]");
        return spec;
    }

    @Override
    public Power power() {
        return Power.NONE;
    }

    @Override
    public int run(ParseResult arguments, Session session) throws IOException {
        Scope scope = TrustCommands.scope(arguments);
        List<String> places = Options.words(arguments);
        if (places.isEmpty() && scope instanceof Scope.Root) {
            throw new WrongUsage("--root needs a key: no server speaks for every image");
        }
        List<Offered> offered = offered(arguments, session, scope, places);
        boolean asks = !Options.isSet(arguments, "--skip-review");
        KeyStore keys = session.keys();
        int added = 0;
        for (Offered each : offered) {
            KeyReview review = each.key().review(Instant.now());
            TrustReview.print(review, scope, each.from(), session.err());
            if (asks && review.canSign() && !session.confirms("Do you want to trust this key")) {
                session.note("not trusted");
                continue;
            }
            Path file = keys.add(scope, each.key());
            session.out().println(confirmation(scope, file));
            added++;
        }
        return added > 0 ? ExitCode.DONE : ExitCode.FAILED;
    }

    private static String confirmation(Scope scope, Path file) {
        return switch (scope) {
            case Scope.Root _ -> "Added root key at \"" + file + "\"";
            case Scope.Prefix(var name) -> "Added key for prefix \"" + name + "\" at \"" + file + "\"";
        };
    }

    private static List<Offered> offered(ParseResult arguments, Session session, Scope scope, List<String> places)
            throws IOException {
        var offered = new ArrayList<Offered>();
        if (places.isEmpty() && scope instanceof Scope.Prefix(var name)) {
            PublishedKeys published = published(arguments, session);
            for (URI place : published.places(name)) {
                add(offered, place.toString(), published.read(place));
            }
            if (offered.isEmpty()) {
                throw new AestusException(Problem.NOT_FOUND, "cannot find keys for " + name + ": its server names none")
                        .withRemedy("aestus trust --prefix " + name + " FILE|URL");
            }
        }
        for (String place : places) {
            add(
                    offered,
                    place,
                    place.contains("://")
                            ? published(arguments, session).read(uri(place))
                            : OpenPgpKey.readAll(bytes(Path.of(place)), Quoted.of(place)));
        }
        return offered;
    }

    private static void add(List<Offered> offered, String from, List<OpenPgpKey> keys) {
        keys.forEach(key -> offered.add(new Offered(from, key)));
    }

    private static PublishedKeys published(ParseResult arguments, Session session) {
        var policy = session.fetchPolicy(PullPolicy.UPDATE);
        return new PublishedKeys(
                session.fetchConfig(),
                Options.isSet(arguments, "--insecure-allow-http") ? policy.allowing(Insecure.PUBKEY) : policy);
    }

    private static URI uri(String text) {
        try {
            URI url = URI.create(text);
            if (url.getHost() != null && List.of("https", "http").contains(url.getScheme())) {
                return url;
            }
        } catch (IllegalArgumentException e) {
            throw new AestusException(Problem.INVALID, "cannot read URL " + Quoted.of(text), e);
        }
        throw new WrongUsage("cannot fetch a key from " + Quoted.of(text) + ": expected an https URL or a file");
    }

    private static byte[] bytes(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(OpenPgpKey.LIMIT_BYTES + 1); // one too many is refused by who reads them
        }
    }
}
