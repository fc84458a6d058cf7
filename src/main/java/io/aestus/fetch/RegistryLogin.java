package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** By what a registry knows a user. Its text shows no secret. */
public sealed interface RegistryLogin {
    /** A user and a password, shown to the registry itself or to whoever makes its tokens. */
    record Password(String user, String password) implements RegistryLogin {
        public Password {
            requireLine(user);
            requireLine(password);
        }

        /** As a header says it. */
        String basic() {
            byte[] text = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
            return "Basic " + Base64.getEncoder().encodeToString(text);
        }

        @Override
        public String toString() {
            return "password of a user";
        }
    }

    /** What a maker of tokens gave to be shown again, instead of a password. */
    record IdentityToken(String token) implements RegistryLogin {
        public IdentityToken {
            requireLine(token);
        }

        @Override
        public String toString() {
            return "identity token";
        }
    }

    /** A token for the registry itself. */
    record RegistryToken(String token) implements RegistryLogin {
        public RegistryToken {
            requireLine(token);
        }

        @Override
        public String toString() {
            return "registry token";
        }
    }

    /**
     * What the five fields of a Docker configuration or a CRI request come to, the strongest first.
     *
     * @param auth user and password with a colon between, in base64
     * @throws AestusException {@link Problem#INVALID} if {@code auth} is not that
     */
    static Optional<RegistryLogin> of(
            String user, String password, String auth, String identityToken, String registryToken) {
        if (!registryToken.isEmpty()) {
            return Optional.of(new RegistryToken(registryToken));
        }
        if (!identityToken.isEmpty()) {
            return Optional.of(new IdentityToken(identityToken));
        }
        if (!user.isEmpty()) {
            return Optional.of(new Password(user, password));
        }
        return auth.isEmpty() ? Optional.empty() : Optional.of(decoded(auth));
    }

    private static RegistryLogin decoded(String auth) {
        try {
            String text = new String(Base64.getDecoder().decode(auth.strip()), StandardCharsets.UTF_8);
            int colon = text.indexOf(':');
            if (colon > 0) {
                return new Password(
                        text.substring(0, colon), text.substring(colon + 1).replaceAll("\\x00+$", ""));
            }
        } catch (IllegalArgumentException _) {
            // said below, without the secret
        }
        throw new AestusException(
                Problem.INVALID, "cannot read credentials: the field auth is no user:password in base64");
    }

    private static void requireLine(String text) {
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new AestusException(Problem.INVALID, "cannot read credentials: they must be one line of text");
        }
    }
}
