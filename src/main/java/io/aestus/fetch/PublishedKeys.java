package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Quoted;
import io.aestus.appc.AcIdentifier;
import io.aestus.appc.Labels;
import io.aestus.discovery.Discovery;
import io.aestus.discovery.DiscoveryPolicy;
import io.aestus.discovery.PageSource;
import io.aestus.trust.OpenPgpKey;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.List;

/**
 * The keys that servers publish, for a person to look at before they are trusted. Nothing is trusted here. One instance serves
 * one question: where discovery has led from a public host, it leads to public ones only.
 */
public final class PublishedKeys {
    private final FetchConfig config;
    private final FetchPolicy policy;
    private final Boundary boundary;
    private final TlsContexts tls;

    /** @param policy says whether plain http will do ({@link Insecure#PUBKEY}) and certificates count */
    public PublishedKeys(FetchConfig config, FetchPolicy policy) {
        this.config = config;
        this.policy = policy;
        this.boundary = new Boundary(policy);
        this.tls = new TlsContexts(config);
    }

    /**
     * Where the keys for images of this name are, by discovery.
     *
     * @throws AestusException if no server answers for the name
     */
    public List<URI> places(AcIdentifier name) {
        try (HttpTransport transport = transport()) {
            return places(name, new SmallFiles(transport, policy), policy);
        }
    }

    static List<URI> places(AcIdentifier name, SmallFiles files, FetchPolicy policy) {
        var allowed = new DiscoveryPolicy(policy.allows(Insecure.HTTP), policy.allows(Insecure.PUBKEY), Labels.NONE);
        return new Discovery(files, allowed).keys(name);
    }

    /**
     * The keys in one file.
     *
     * @throws AestusException if it cannot be had, or holds no public key
     */
    public List<OpenPgpKey> read(URI place) {
        try (HttpTransport transport = transport()) {
            return read(place, new SmallFiles(transport, policy), policy);
        }
    }

    static List<OpenPgpKey> read(URI place, SmallFiles files, FetchPolicy policy) {
        PageSource.Page file = files.get(place, OpenPgpKey.LIMIT_BYTES, policy.allows(Insecure.PUBKEY));
        if (file.status() != HttpURLConnection.HTTP_OK) {
            throw FetchFailures.ofStatus(place.toString(), file.status());
        }
        return OpenPgpKey.readAll(file.body(), Quoted.of(place.toString()));
    }

    private HttpTransport transport() {
        return new HttpTransport(config, policy, boundary, () -> tls.forPolicy(policy));
    }
}
