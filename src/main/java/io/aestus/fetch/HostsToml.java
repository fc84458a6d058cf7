package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a {@code hosts.toml} says of a registry. A key that would change how safe something is and that is not understood here, such as
 * a client's certificate, is an error, never left out.
 */
final class HostsToml {
    private static final Set<String> KEYS =
            Set.of("server", "capabilities", "ca", "skip_verify", "override_path", "header", "dial_timeout", "host");

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
        root.table("host").ifPresent(all -> all.tables()
                .forEach((url, table) -> hosts.add(host(url, table, Optional.of(registry)))));
        return hosts;
    }

    /** What is asked instead of the registry itself, when no mirror has it. */
    Optional<RegistryHost> server() {
        return root.string("server").map(url -> host(url, root, Optional.empty()));
    }

    private RegistryHost host(String text, TomlTable table, Optional<String> namespace) {
        table.keys().stream().filter(key -> !KEYS.contains(key)).findFirst().ifPresent(key -> {
            throw failure("the key " + Quoted.of(key) + " of " + Quoted.of(text) + " is not understood");
        });
        URI url = url(text);
        String path = url.getRawPath() == null ? "" : url.getRawPath().replaceFirst("/+$", "");
        boolean isWhole = table.bool("override_path").orElse(false);
        boolean isVersioned = isWhole || path.endsWith("/v2");
        URI base = URI.create(url.getScheme() + "://" + url.getRawAuthority() + path + (isVersioned ? "/" : "/v2/"));
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
                url.getScheme().equals("http"),
                !table.bool("skip_verify").orElse(false),
                table.strings("ca").orElse(List.of()).stream()
                        .map(ca -> file.resolveSibling(ca))
                        .toList(),
                headers);
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
