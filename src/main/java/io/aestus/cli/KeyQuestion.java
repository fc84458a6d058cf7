package io.aestus.cli;

import io.aestus.appc.AcIdentifier;
import io.aestus.fetch.KeyAcceptance;
import io.aestus.trust.KeyReview;
import io.aestus.trust.Scope;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;

/** Asks a person at the terminal whether to trust a key that discovery found while fetching. */
final class KeyQuestion implements KeyAcceptance {
    private final Caller caller;
    private final PrintStream err;
    private final Runnable clearing;

    /** @param clearing makes the terminal's line empty */
    KeyQuestion(Caller caller, PrintStream err, Runnable clearing) {
        this.caller = caller;
        this.err = err;
        this.clearing = clearing;
    }

    @Override
    public boolean accepts(AcIdentifier name, KeyReview key, URI from) {
        clearing.run();
        TrustReview.print(key, new Scope.Prefix(name), from.toString(), err);
        try {
            return caller.confirms("Do you want to trust this key", err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
