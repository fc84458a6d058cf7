package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a {@code hosts.toml} says of a registry. A key that is not understood here, or a value of another kind, is an error, never left
 * out.
 */
final class HostsToml {
    private static final Set<String> KEYS =
            Set.of("capabilities", "ca", "client", "skip_verify", "override_path", "header", "dial_timeout");

    private static final Set<String> ROOT_KEYS = Set.of("server", "host");
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,6})(ms|s|m)");

    private final Path file;
    private final TomlTable root;

    private HostsToml(Path file, TomlTable root) {
        this.file = file;
        this.root = root;
    }

    static HostsToml read(String text, Path file) {
        return new HostsToml(file, TomlTable.read(text, file.toString()));
    }

    /** The mirrors, in the order of the file. */
    List<RegistryHost> hosts(String registry) {
        var hosts = new ArrayList<RegistryHost>();
        root.table("host").ifPresent(all -> all.tables().forEach((url, table) -> {
            requireKnown(url, table, false);
            hosts.add(host(url, table, Optional.of(registry)));
        }));
        return hosts;
    }

    /** What is asked when no mirror has it, instead of {@code itself}, to which the file's settings apply otherwise. */
    List<RegistryHost> last(List<RegistryHost> itself) {
        requireKnown("the registry", root, true);
        Optional<String> server = root.string("server");
        return server.isPresent()
                ? List.of(host(server.get(), root, Optional.empty()))
                : itself.stream()
                        .map(host -> host(host.base(), root, host.namespace()))
                        .toList();
    }

    private void requireKnown(String shown, TomlTable table, boolean isRoot) {
        table.keys().stream()
                .filter(key -> !KEYS.contains(key) && !(isRoot && ROOT_KEYS.contains(key)))
                .findFirst()
                .ifPresent(key -> {
                    throw failure("the key " + Quoted.of(key) + " of " + Quoted.of(shown) + " is not understood");
                });
    }

    private RegistryHost host(String text, TomlTable table, Optional<String> namespace) {
        URI url = url(text);
        String path = url.getRawPath() == null ? "" : url.getRawPath().replaceFirst("/+$", "");
        boolean isWhole = table.bool("override_path").orElse(false);
        boolean isVersioned = isWhole || path.endsWith("/v2");
        URI base = URI.create(url.getScheme() + "://" + url.getRawAuthority() + path + (isVersioned ? "/" : "/v2/"));
        return host(base, table, namespace);
    }

    private RegistryHost host(URI base, TomlTable table, Optional<String> namespace) {
        Optional<List<String>> capabilities = table.strings("capabilities");
        Map<String, String> headers = new LinkedHashMap<>();
        table.table("header").ifPresent(header -> header.keys().forEach(key -> {
            List<String> values = header.strings(key).orElseThrow(() -> failure("header " + Quoted.of(key)));
            headers.put(line(key), line(String.join(", ", values)));
        }));
        return new RegistryHost(
                base,
                namespace,
                capabilities.map(words -> words.contains("resolve")).orElse(true),
                capabilities.map(words -> words.contains("pull")).orElse(true),
                base.getScheme().equals("http"),
                !table.bool("skip_verify").orElse(false),
                table.strings("ca").orElse(List.of()).stream()
                        .map(ca -> file.resolveSibling(ca))
                        .toList(),
                clients(table),
                table.string("dial_timeout").map(this::duration),
                headers);
    }

    /** A file of certificate and key together, several such files, or several pairs of files. */
    private List<ClientCertificate> clients(TomlTable table) {
        return table.lists("client").orElse(List.of()).stream()
                .map(this::client)
                .toList();
    }

    private ClientCertificate client(List<String> files) {
        boolean isPair = files.size() == 2 && !files.getLast().isEmpty();
        if (files.isEmpty() || files.size() > 2) {
            throw failure("the key client must have files, or pairs of a certificate and its key");
        }
        Path certificate = file.resolveSibling(files.getFirst());
        return new ClientCertificate(certificate, isPair ? file.resolveSibling(files.getLast()) : certificate);
    }

    private Duration duration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw failure("dial_timeout " + Quoted.of(text) + " is no duration such as 10s");
        }
        long count = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            default -> Duration.ofMinutes(count);
        };
    }

    private String line(String text) {
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw failure("a header must be one line");
        }
        return text;
    }

    private URI url(String text) {
        try {
            var url = new URI(text.contains("://") ? text : "https://" + text);
            boolean isWeb = "https".equals(url.getScheme()) || "http".equals(url.getScheme());
            if (isWeb && url.getHost() != null && url.getRawUserInfo() == null && url.getRawQuery() == null) {
                return url;
            }
        } catch (URISyntaxException _) {
            // named below
        }
        throw failure(Quoted.of(text) + " is no URL of a server");
    }

    private AestusException failure(String reason) {
        return new AestusException(Problem.INVALID, "cannot read " + file + ": " + reason);
    }
}
