package io.aestus.cli;

import io.aestus.Quoted;
import io.aestus.trust.KeyReview;
import io.aestus.trust.Scope;
import java.io.PrintStream;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;

/** Shows what a person should compare before trusting a key. */
final class TrustReview {
    private TrustReview() {}

    static void print(KeyReview key, Scope scope, String from, PrintStream to) {
        to.println("key from " + Quoted.of(from) + ", for " + scope);
        to.println("  fingerprint  " + key.fingerprint().grouped());
        to.println("  kind         " + kind(key.algorithm(), key.created(), key.expires(), key.objection()));
        for (String identity : key.userIds()) {
            to.println("  identity     " + Quoted.of(identity));
        }
        for (KeyReview.Subkey subkey : key.subkeys()) {
            to.println("  sub-key      " + subkey.fingerprint().grouped());
            to.println("               "
                    + kind(subkey.algorithm(), subkey.created(), subkey.expires(), subkey.objection()));
        }
    }

    private static String kind(
            String algorithm, Instant created, Optional<Instant> expires, Optional<String> objection) {
        return algorithm + ", made " + day(created)
                + expires.map(at -> ", expires " + day(at)).orElse(", never expires")
                + objection.map(why -> "; cannot sign: " + why).orElse("");
    }

    private static String day(Instant at) {
        return at.atOffset(ZoneOffset.UTC).toLocalDate().toString();
    }
}
