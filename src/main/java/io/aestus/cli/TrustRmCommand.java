package io.aestus.cli;

import io.aestus.trust.Fingerprint;
import io.aestus.trust.KeyStore;
import io.aestus.trust.Scope;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus trust rm}. */
final class TrustRmCommand implements Command {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = TrustCommands.addScope(Options.command(
                        "rm",
                        "Trusts a key no longer. Images that it signed stay in the store.",
                        "aestus trust rm --prefix example.com/shop 9F3A…"))
                .addPositional(Options.words("FINGERPRINT", "1..*", "whole fingerprints, as trust list prints them"));
        spec.usageMessage().customSynopsis("aestus trust rm --prefix NAME | --root FINGERPRINT…");
        return spec;
    }

    @Override
    public Power power() {
        return Power.NONE;
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        Scope scope = TrustCommands.scope(arguments);
        KeyStore keys = session.keys();
        for (String word : Options.words(arguments)) {
            Fingerprint key = Fingerprint.parse(word);
            String what =
                    switch (keys.remove(scope, key)) {
                        case DELETED -> "Removed key ";
                        case MASKED -> "Hid the vendor's key ";
                    };
            session.out().println(what + key + " for " + scope);
        }
        return ExitCode.DONE;
    }
}
