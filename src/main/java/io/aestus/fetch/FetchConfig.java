package io.aestus.fetch;

import io.aestus.AestusException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How this host reaches others; the same for every request. Immutable.
 *
 * @param caFile authorities that count instead of the host's, PEM
 * @param userAgent what we call ourselves
 * @param registries which servers are asked for OCI images
 */
public record FetchConfig(
        Optional<Path> caFile, Credentials credentials, Proxies proxies, String userAgent, RegistryHosts registries) {
    private static final String USER_AGENT = "aestus";

    /** No credentials, no proxies, the host's certificate authorities. */
    public static final FetchConfig PLAIN =
            new FetchConfig(Optional.empty(), Credentials.NONE, Proxies.NONE, USER_AGENT);

    /** Without mirrors of registries. */
    public FetchConfig(Optional<Path> caFile, Credentials credentials, Proxies proxies, String userAgent) {
        this(caFile, credentials, proxies, userAgent, RegistryHosts.NONE);
    }

    /**
     * The configuration of a host.
     *
     * @param configDirs of rising priority, each with an {@code auth.d} and a {@code certs.d} or without
     * @param environment for the proxies, and programs that know passwords
     * @throws AestusException if a file or variable cannot be understood
     */
    public static FetchConfig read(List<Path> configDirs, Map<String, String> environment, Optional<Path> caFile) {
        return new FetchConfig(
                caFile,
                Credentials.read(configDirs, environment),
                Proxies.of(environment),
                USER_AGENT,
                RegistryHosts.in(configDirs));
    }
}
