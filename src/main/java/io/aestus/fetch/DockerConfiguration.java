package io.aestus.fetch;

import io.aestus.json.JsonView;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a {@code config.json} of Docker says of registries. What it says for one is asked for first: of the helper for that registry,
 * then of the helper for all, then what stands in the file. Immutable.
 *
 * @param logins what stands in the file
 * @param helpers by registry
 * @param store the helper for all that have none of their own
 * @see <a href="https://docs.docker.com/reference/cli/docker/login/#credential-stores">Docker: credential stores</a>
 */
record DockerConfiguration(
        Map<String, RegistryLogin> logins, Map<String, Asked> helpers, Optional<CredentialHelper> store) {
    static final DockerConfiguration NONE = new DockerConfiguration(Map.of(), Map.of(), Optional.empty());

    private static final String HUB = "docker.io";
    private static final String HUB_SERVER = "https://index.docker.io/v1/";

    /** @param server what the helper is asked for: what the file calls it */
    record Asked(CredentialHelper helper, String server) {}

    DockerConfiguration {
        logins = Map.copyOf(logins);
        helpers = Map.copyOf(helpers);
    }

    /** Whether a file is one: others of {@code auth.d} say what they are. */
    static boolean isOne(JsonView root) {
        return root.optional("rktKind").isEmpty()
                && (root.optional("auths").isPresent()
                        || root.optional("credHelpers").isPresent()
                        || root.optional("credsStore").isPresent());
    }

    static DockerConfiguration read(JsonView root, Map<String, String> environment) {
        var logins = new HashMap<String, RegistryLogin>();
        root.optional("auths").ifPresent(auths -> auths.fields().forEach((server, entry) -> RegistryLogin.of(
                        text(entry, "username"),
                        text(entry, "password"),
                        text(entry, "auth"),
                        text(entry, "identitytoken"),
                        text(entry, "registrytoken"))
                .ifPresent(login -> logins.put(registry(server), login))));
        var helpers = new HashMap<String, Asked>();
        root.optional("credHelpers").ifPresent(all -> all.fields()
                .forEach((server, name) -> helpers.put(
                        registry(server),
                        new Asked(
                                new CredentialHelper(name.parsed(CredentialHelper::requireName), environment),
                                server))));
        return new DockerConfiguration(
                logins,
                helpers,
                root.optional("credsStore")
                        .filter(name -> !name.string().isEmpty())
                        .map(name -> new CredentialHelper(name.parsed(CredentialHelper::requireName), environment)));
    }

    private static String text(JsonView entry, String field) {
        return entry.optional(field).map(JsonView::string).orElse("");
    }

    /** Old entries are URLs, and that of Docker's own registry is one still. */
    static String registry(String server) {
        String host =
                server.toLowerCase(Locale.ROOT).replaceFirst("^https?://", "").replaceFirst("/.*$", "");
        return host.equals("index.docker.io") ? HUB : host;
    }

    /** This one, and where it says nothing {@code other}. */
    DockerConfiguration over(DockerConfiguration other) {
        var allLogins = new HashMap<>(other.logins);
        allLogins.putAll(logins);
        var allHelpers = new HashMap<>(other.helpers);
        allHelpers.putAll(helpers);
        return new DockerConfiguration(allLogins, allHelpers, store.or(() -> other.store));
    }

    /** @param registry with its port, in small letters */
    Optional<RegistryLogin> of(String registry) {
        Asked own = helpers.get(registry);
        if (own != null) {
            return own.helper().get(own.server());
        }
        return store.flatMap(helper -> helper.get(registry.equals(HUB) ? HUB_SERVER : registry))
                .or(() -> Optional.ofNullable(logins.get(registry)));
    }
}
