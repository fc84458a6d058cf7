package io.aestus.fetch;

import io.aestus.Quoted;
import io.aestus.appc.AcIdentifier;
import io.aestus.appc.Labels;
import io.aestus.discovery.Discovery;
import io.aestus.discovery.DiscoveryPolicy;
import io.aestus.discovery.PageSource;
import io.aestus.trust.OpenPgpKey;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys on servers, for whoever decides on trust: found by discovery for a name, or at a URL. Nothing here is trusted yet.
 * Over https; plain http only as far as {@link Insecure#PUBKEY} says.
 */
public final class RemoteKeys {
    private final FetchConfig config;
    private final FetchPolicy policy;

    public RemoteKeys(FetchConfig config, FetchPolicy policy) {
        this.config = config;
        this.policy = policy;
    }

    /** A key, and where it came from. */
    public record Found(URI from, OpenPgpKey key) {}

    /**
     * The keys that the name's own pages lead to.
     *
     * @throws io.aestus.AestusException {@link io.aestus.Problem#NOT_FOUND} if no page names any
     */
    public List<Found> discover(AcIdentifier name) {
        try (var transport = transport()) {
            return discover(name, new SmallFiles(transport, policy), policy);
        }
    }

    /** The keys at {@code url}. */
    public List<Found> at(URI url) {
        try (var transport = transport()) {
            return read(url, new SmallFiles(transport, policy), policy);
        }
    }

    private HttpTransport transport() {
        var tls = new TlsContexts(config);
        return new HttpTransport(config, policy, () -> tls.forPolicy(policy));
    }

    static List<Found> discover(AcIdentifier name, SmallFiles files, FetchPolicy policy) {
        var keyPolicy = new DiscoveryPolicy(policy.allows(Insecure.HTTP), policy.allows(Insecure.PUBKEY), Labels.NONE);
        var found = new ArrayList<Found>();
        for (URI place : new Discovery(files, keyPolicy).keys(name)) {
            found.addAll(read(place, files, policy));
        }
        return found;
    }

    private static List<Found> read(URI url, SmallFiles files, FetchPolicy policy) {
        PageSource.Page file = files.get(url, OpenPgpKey.LIMIT_BYTES, policy.allows(Insecure.PUBKEY));
        if (file.status() != 200) {
            throw FetchFailures.ofStatus(url.toString(), file.status());
        }
        return OpenPgpKey.readAll(file.body(), Quoted.of(url.toString())).stream()
                .map(key -> new Found(url, key))
                .toList();
    }
}
