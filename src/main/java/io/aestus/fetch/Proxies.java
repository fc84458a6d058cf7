package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The proxies of an environment: {@code HTTPS_PROXY}, {@code HTTP_PROXY} and {@code NO_PROXY}, in small letters too (which
 * win, as everywhere). A host of {@code NO_PROXY} stands for itself and all below it; {@code *} for every host. Loopback is
 * always reached directly.
 */
public final class Proxies {
    /** Java refuses to log in to a proxy for https by password, unless this is empty before its first connection. */
    private static final String REFUSED_SCHEMES = "jdk.http.auth.tunneling.disabledSchemes";

    static {
        if (System.getProperty(REFUSED_SCHEMES) == null) {
            System.setProperty(REFUSED_SCHEMES, "");
        }
    }

    /** No proxy for anything. */
    public static final Proxies NONE = new Proxies(Optional.empty(), Optional.empty(), List.of());

    private final Optional<Via> https;
    private final Optional<Via> http;
    private final List<String> direct;

    private Proxies(Optional<Via> https, Optional<Via> http, List<String> direct) {
        this.https = https;
        this.http = http;
        this.direct = List.copyOf(direct);
    }

    /**
     * The proxies that {@code environment} names.
     *
     * @throws AestusException {@link Problem#INVALID} if a variable does not name a proxy
     */
    public static Proxies of(Map<String, String> environment) {
        var direct = Stream.of(variable(environment, "NO_PROXY").orElse("").split("[,\\s]+"))
                .map(host -> host.toLowerCase(Locale.ROOT))
                .map(host ->
                        host.startsWith("*.") ? host.substring(2) : host.startsWith(".") ? host.substring(1) : host)
                .filter(host -> !host.isEmpty())
                .toList();
        return new Proxies(
                variable(environment, "HTTPS_PROXY").map(Via::parse),
                variable(environment, "HTTP_PROXY").map(Via::parse),
                direct);
    }

    private static Optional<String> variable(Map<String, String> environment, String name) {
        return Stream.of(name.toLowerCase(Locale.ROOT), name)
                .map(environment::get)
                .filter(value -> value != null && !value.isBlank())
                .findFirst();
    }

    Optional<Via> forUrl(URI url) {
        if (isDirect(url)) {
            return Optional.empty();
        }
        return url.getScheme().equalsIgnoreCase("https") ? https : http;
    }

    private boolean isDirect(URI url) {
        String host = url.getHost().toLowerCase(Locale.ROOT);
        if (host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]")) {
            return true;
        }
        String withPort = host + ":" + url.getPort();
        return direct.stream()
                .anyMatch(entry -> entry.equals("*")
                        || entry.equals(withPort)
                        || host.equals(entry)
                        || host.endsWith("." + entry));
    }

    /**
     * One proxy.
     *
     * @param login answers when the proxy, and nobody else, asks who we are
     */
    record Via(String host, int port, Optional<Authenticator> login) {
        static Via parse(String text) {
            try {
                var url = URI.create(text.contains("://") ? text : "http://" + text);
                if (url.getHost() == null || !url.getScheme().equals("http")) {
                    throw new IllegalArgumentException("no http URL with a host");
                }
                int port = url.getPort() < 0 ? 80 : url.getPort();
                return new Via(
                        url.getHost(),
                        port,
                        Optional.ofNullable(url.getUserInfo()).map(Login::of));
            } catch (IllegalArgumentException e) {
                throw new AestusException(
                        Problem.INVALID,
                        "cannot read proxy " + Quoted.of(text.replaceFirst("//.*@", "//…@"))
                                + ": expected http://HOST:PORT",
                        e);
            }
        }

        Proxy toProxy() {
            return new Proxy(Proxy.Type.HTTP, new InetSocketAddress(host, port));
        }
    }

    private static final class Login extends Authenticator {
        private final PasswordAuthentication login;

        private Login(PasswordAuthentication login) {
            this.login = login;
        }

        static Authenticator of(String userInfo) {
            String[] parts = userInfo.split(":", 2);
            return new Login(
                    new PasswordAuthentication(parts[0], parts.length < 2 ? new char[0] : parts[1].toCharArray()));
        }

        @Override
        protected @Nullable PasswordAuthentication getPasswordAuthentication() {
            return getRequestorType() == RequestorType.PROXY ? login : null;
        }
    }
}
