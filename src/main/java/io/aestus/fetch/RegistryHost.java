package io.aestus.fetch;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One server that may be asked for what a registry has.
 *
 * @param base what stands before {@code REPOSITORY/manifests/…}, with a slash at its end
 * @param namespace the registry's name, for a server that is not itself
 * @param resolves whether it may say what a tag stands for
 * @param pulls whether it may be asked for content by its digest
 * @param allowsHttp whether plain http will do: the operator wrote it down, or it is this machine
 * @param checksCertificate false where the operator wrote down that it need not
 * @param authorities files of certificates that count instead of the host's
 * @param clients what we show of ourselves where the server wants a certificate
 * @param dialTimeout how long a connection may take to be made; empty for what is usual
 * @param headers of each request
 */
record RegistryHost(
        URI base,
        Optional<String> namespace,
        boolean resolves,
        boolean pulls,
        boolean allowsHttp,
        boolean checksCertificate,
        List<Path> authorities,
        List<ClientCertificate> clients,
        Optional<Duration> dialTimeout,
        Map<String, String> headers) {
    RegistryHost {
        authorities = List.copyOf(authorities);
        clients = List.copyOf(clients);
        headers = Map.copyOf(headers);
    }

    /** The registry itself. */
    static RegistryHost of(URI base, boolean allowsHttp) {
        return new RegistryHost(
                base, Optional.empty(), true, true, allowsHttp, true, List.of(), List.of(), Optional.empty(), Map.of());
    }

    /** Where something of a repository is. */
    URI at(String path) {
        return URI.create(base + path + namespace.map(name -> "?ns=" + name).orElse(""));
    }

    /** As users know it. */
    String shown() {
        return base.getRawAuthority();
    }
}
