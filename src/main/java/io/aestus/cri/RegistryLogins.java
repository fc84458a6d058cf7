package io.aestus.cri;

import io.aestus.cri.v1.AuthConfig;
import io.aestus.fetch.RegistryLogin;
import io.aestus.oci.OciReference;
import java.util.Optional;
import java.util.Set;

/** The credentials of a request, if they are for the registry that is asked. */
final class RegistryLogins {
    private static final String DOCKER = "docker.io";
    private static final Set<String> NAMES_OF_DOCKER =
            Set.of(DOCKER, "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com");

    private RegistryLogins() {}

    static Optional<RegistryLogin> of(AuthConfig auth, OciReference name) {
        String server = auth.getServerAddress();
        if (!server.isEmpty() && !registry(server).equals(registry(name.registry()))) {
            return Optional.empty(); // shown to nobody else
        }
        return RegistryLogin.of(
                auth.getUsername(),
                auth.getPassword(),
                auth.getAuth(),
                auth.getIdentityToken(),
                auth.getRegistryToken());
    }

    /** The host of a URL such as {@code https://index.docker.io/v1/}, by the name that images have. */
    private static String registry(String address) {
        String host = address.replaceFirst("^[a-z]+://", "").replaceFirst("/.*$", "");
        return NAMES_OF_DOCKER.contains(host) ? DOCKER : host;
    }
}
