package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonView;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How one server is convinced that we may read one repository: nothing at first; when it refuses, a token from where it says, or the
 * password itself. Secrets go over https only, or to this machine. Thread-safe.
 *
 * @see <a href="https://distribution.github.io/distribution/spec/auth/token/">Distribution: token authentication</a>
 */
final class RegistrySession implements Identity {
    private static final int LONGEST_TOKEN = 1 << 20;
    private static final List<Integer> NO_POST = List.of(404, 405, 401);
    private static final String CLIENT = "aestus";

    private final RegistryHost host;
    private final String repository;
    private final Optional<RegistryLogin> login;
    private final HttpTransport tokens;
    private @Nullable String authorization;
    private int generation;

    /** @param tokens asks whoever makes tokens, and shows nothing by itself */
    RegistrySession(RegistryHost host, String repository, Optional<RegistryLogin> login, HttpTransport tokens) {
        this.host = host;
        this.repository = repository;
        this.login = login;
        this.tokens = tokens;
        if (login.orElse(null) instanceof RegistryLogin.RegistryToken(String token)) {
            authorization = "Bearer " + token;
        }
    }

    @Override
    public synchronized Optional<String> forUrl(URI url) {
        boolean isOurs = url.getRawAuthority().equalsIgnoreCase(host.base().getRawAuthority());
        return isOurs && isSafe(url) ? Optional.ofNullable(authorization) : Optional.empty();
    }

    private static boolean isSafe(URI url) {
        return "https".equalsIgnoreCase(url.getScheme()) || RegistryHosts.isLoopback(url.getRawAuthority());
    }

    /** Counts up with each new proof: who was refused with an older one need only ask again. */
    synchronized int generation() {
        return generation;
    }

    /**
     * Finds a new proof after a refusal.
     *
     * @param refused the {@link #generation} that the refused request was made in
     * @return false if there is none: the refusal stands
     */
    synchronized boolean meet(HttpAnswer refusal, int refused) throws IOException {
        if (refused != generation) {
            return true; // somebody else just did
        }
        Optional<Challenge> challenge = Challenge.choose(refusal.headers("WWW-Authenticate"));
        if (challenge.isEmpty() || login.orElse(null) instanceof RegistryLogin.RegistryToken) {
            return false;
        }
        Optional<String> proof = challenge.get().scheme().equals("basic") ? basic() : bearer(challenge.get());
        if (proof.isEmpty() || proof.get().equals(authorization)) {
            return false;
        }
        authorization = proof.get();
        generation++;
        return true;
    }

    private Optional<String> basic() {
        return login.filter(RegistryLogin.Password.class::isInstance)
                .map(RegistryLogin.Password.class::cast)
                .map(RegistryLogin.Password::basic);
    }

    private Optional<String> bearer(Challenge challenge) throws IOException {
        URI realm = realm(challenge);
        var query = new LinkedHashMap<String, String>();
        challenge.parameter("service").ifPresent(service -> query.put("service", service));
        query.put("scope", challenge.parameter("scope").orElse("repository:" + repository + ":pull"));
        boolean allowsHttp = host.allowsHttp() || RegistryHosts.isLoopback(realm.getRawAuthority());
        if (login.orElse(null) instanceof RegistryLogin.IdentityToken(String token)) {
            var form = new LinkedHashMap<>(query);
            form.put("grant_type", "refresh_token");
            form.put("client_id", CLIENT);
            form.put("refresh_token", token);
            requireSafe(realm);
            try (HttpAnswer answer = tokens.post(realm, form(form), allowsHttp)) {
                if (!NO_POST.contains(answer.status())) {
                    return Optional.of("Bearer " + token(answer, realm));
                }
            }
        }
        Map<String, String> headers = Map.of();
        Optional<String> basic = basic();
        if (basic.isPresent()) {
            requireSafe(realm);
            headers = Map.of("Authorization", basic.get());
        }
        String separator = realm.getRawQuery() == null ? "?" : "&";
        try (HttpAnswer answer = tokens.get(URI.create(realm + separator + form(query)), headers, allowsHttp)) {
            return Optional.of("Bearer " + token(answer, realm));
        }
    }

    private void requireSafe(URI realm) {
        if (!isSafe(realm)) {
            throw new AestusException(
                    Problem.DENIED,
                    "cannot log in at " + host.shown() + ": it wants the password sent to "
                            + Quoted.of(realm.getRawAuthority()) + " unencrypted");
        }
    }

    private URI realm(Challenge challenge) {
        String text = challenge.parameter("realm").orElse("");
        try {
            var realm = new URI(text);
            if (realm.getHost() != null && realm.getRawUserInfo() == null && realm.getRawFragment() == null) {
                return realm;
            }
        } catch (URISyntaxException _) {
            // named below
        }
        throw new AestusException(
                Problem.CORRUPT, "cannot log in at " + host.shown() + ": its realm " + Quoted.of(text) + " is no URL");
    }

    private static String form(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }

    private String token(HttpAnswer answer, URI realm) throws IOException {
        if (answer.status() != HttpURLConnection.HTTP_OK) {
            throw FetchFailures.ofStatus("a token of " + realm.getRawAuthority(), answer.status());
        }
        byte[] body = answer.body().readNBytes(LONGEST_TOKEN + 1);
        if (body.length > LONGEST_TOKEN) {
            throw new AestusException(
                    Problem.EXHAUSTED,
                    "cannot log in at " + host.shown() + ": its token is longer than " + LONGEST_TOKEN);
        }
        answer.readToEnd();
        JsonView json = JsonReader.read(body, "the token of " + realm.getRawAuthority());
        String token = json.optional("token")
                .or(() -> json.optional("access_token"))
                .orElseThrow(() -> json.failure("has no token"))
                .string();
        if (token.isEmpty() || token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
            throw json.failure("has a token that no header can hold");
        }
        return token;
    }
}
