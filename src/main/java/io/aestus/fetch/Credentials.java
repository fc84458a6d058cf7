package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonView;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What we show to servers, by host: the {@code auth.d/*.json} files of the configuration directories, in the form that rkt
 * reads too. Sent over https only, and only to the host that was asked, never to where it redirects. Immutable.
 *
 * <pre>{@code
 * {"rktKind": "auth", "rktVersion": "v1", "domains": ["dl.example.com", "example.com:8443"],
 *  "type": "basic", "credentials": {"user": "…", "password": "…"}}
 * {…, "type": "oauth", "credentials": {"token": "…"}}
 * {"rktKind": "dockerAuth", "rktVersion": "v1", "registries": ["quay.io"], "credentials": {"user": "…", "password": "…"}}
 * }</pre>
 *
 * <p>A file without {@code rktKind} may be a {@code config.json} of Docker, see {@link DockerConfiguration}.
 */
public final class Credentials implements Identity {
    public static final Credentials NONE = new Credentials(Map.of(), Map.of(), DockerConfiguration.NONE);

    private static final int LONGEST_FILE = 1 << 20;

    private final Map<String, RegistryLogin> domains;
    private final Map<String, RegistryLogin> registries;
    private final DockerConfiguration docker;

    private Credentials(
            Map<String, RegistryLogin> domains, Map<String, RegistryLogin> registries, DockerConfiguration docker) {
        this.docker = docker;
        this.domains = Map.copyOf(domains);
        this.registries = Map.copyOf(registries);
    }

    /**
     * Reads the direct, regular {@code *.json} files of each {@code auth.d}. A host in a later directory replaces the same
     * host in an earlier one; twice in one directory is an error.
     *
     * @param environment of the programs that are asked for passwords, and with the {@code PATH} to them
     * @throws AestusException {@link Problem#INVALID} naming the file and the place in it
     */
    public static Credentials read(List<Path> configDirs, Map<String, String> environment) {
        var domains = new HashMap<String, RegistryLogin>();
        var registries = new HashMap<String, RegistryLogin>();
        DockerConfiguration docker = DockerConfiguration.NONE;
        for (Path dir : configDirs) {
            var domainsOfDir = new HashMap<String, RegistryLogin>();
            var registriesOfDir = new HashMap<String, RegistryLogin>();
            for (Path file : files(dir)) {
                JsonView root = root(file);
                if (DockerConfiguration.isOne(root)) {
                    docker = DockerConfiguration.read(root, environment).over(docker);
                } else {
                    read(file, root, domainsOfDir, registriesOfDir);
                }
            }
            domains.putAll(domainsOfDir);
            registries.putAll(registriesOfDir);
        }
        return new Credentials(domains, registries, docker);
    }

    /** The value of {@code Authorization} for a server; the entry with its port wins. */
    @Override
    public Optional<String> forUrl(URI url) {
        if (!"https".equalsIgnoreCase(url.getScheme())) {
            return Optional.empty();
        }
        String host = url.getHost().toLowerCase(Locale.ROOT);
        int port = url.getPort() < 0 ? 443 : url.getPort();
        return Stream.of(host + ":" + port, host)
                .filter(domains::containsKey)
                .findFirst()
                .map(domains::get)
                .flatMap(Credentials::header);
    }

    private static Optional<String> header(RegistryLogin login) {
        return switch (login) {
            case RegistryLogin.Password password -> Optional.of(password.basic());
            case RegistryLogin.RegistryToken(String token) -> Optional.of("Bearer " + token);
            case RegistryLogin.IdentityToken _ -> Optional.empty();
        };
    }

    /**
     * By what a registry knows us: its own entry wins over that of a host of its name, and both with the port over those without; then
     * comes what Docker's configuration says, which may ask a program: blocks a platform thread.
     */
    Optional<RegistryLogin> forRegistry(String registry) {
        String name = registry.toLowerCase(Locale.ROOT);
        String host = name.replaceFirst(":[0-9]+$", "");
        for (Map<String, RegistryLogin> known : List.of(registries, domains)) {
            for (String key : List.of(name, host)) {
                if (known.containsKey(key)) {
                    return Optional.ofNullable(known.get(key));
                }
            }
        }
        return docker.of(name);
    }

    /** The files of credentials in a directory of configuration, in the order in which they are read. */
    public static List<Path> files(Path configDir) {
        Path dir = configDir.resolve("auth.d");
        if (!Files.isDirectory(dir)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(dir)) {
            return files.filter(file -> file.toString().endsWith(".json"))
                    .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw unreadable(dir, e);
        }
    }

    private static JsonView root(Path file) {
        try {
            if (Files.size(file) > LONGEST_FILE) {
                throw new IOException("it is longer than " + LONGEST_FILE + " bytes");
            }
            return JsonReader.read(Files.readAllBytes(file), file.toString());
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static void read(
            Path file, JsonView root, Map<String, RegistryLogin> domains, Map<String, RegistryLogin> registries) {
        switch (root.required("rktKind").string()) {
            case "auth" -> {
                root.required("rktVersion").oneOf(Map.of("v1", true));
                add(file, root.required("domains"), login(root), domains);
            }
            case "dockerAuth" -> {
                root.required("rktVersion").oneOf(Map.of("v1", true));
                add(file, root.required("registries"), password(root.required("credentials")), registries);
            }
            default -> {} // others' business
        }
    }

    private static void add(Path file, JsonView hosts, RegistryLogin login, Map<String, RegistryLogin> all) {
        var seen = new HashSet<String>();
        for (JsonView host : hosts.elements()) {
            String name = host.string().toLowerCase(Locale.ROOT);
            if (!seen.add(name)) {
                throw host.failure("is there twice");
            }
            if (all.put(name.equals("index.docker.io") ? "docker.io" : name, login) != null) {
                throw new AestusException(
                        Problem.INVALID,
                        "cannot read " + file + ": another file beside it has credentials for "
                                + Quoted.of(host.string()) + " too");
            }
        }
    }

    private static RegistryLogin login(JsonView root) {
        JsonView type = root.required("type");
        JsonView secret = root.required("credentials");
        return switch (type.string()) {
            case "basic" -> password(secret);
            case "oauth" -> new RegistryLogin.RegistryToken(line(secret.required("token")));
            case "aws" -> throw type.failure("is aws, which signs each request and is not supported");
            case String other -> throw type.failure("must be basic or oauth, not " + Quoted.of(other));
        };
    }

    private static RegistryLogin password(JsonView secret) {
        return new RegistryLogin.Password(line(secret.required("user")), line(secret.required("password")));
    }

    /** Text that cannot begin another header. */
    private static String line(JsonView text) {
        String line = text.string();
        if (line.chars().anyMatch(Character::isISOControl)) {
            throw text.failure("must be one line of text");
        }
        return line;
    }

    private static AestusException unreadable(Path path, IOException e) {
        return new AestusException(Problem.DENIED, "cannot read " + path + ": " + e.getMessage(), e);
    }
}
