package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which servers are asked for what a registry has, in their order: those of {@code certs.d/REGISTRY/hosts.toml} or {@code
 * certs.d/_default/hosts.toml} in the last configuration directory that has one, then the registry itself. A directory without such
 * a file may have certificates, as Docker's have. Files are read at each
 * look-up, so that a change counts at once. Immutable.
 *
 * @see <a href="https://github.com/containerd/containerd/blob/main/docs/hosts.md">containerd: registry hosts</a>
 */
public final class RegistryHosts {
    /** No mirrors. */
    public static final RegistryHosts NONE = new RegistryHosts(List.of());

    private static final String FILE = "hosts.toml";
    private static final int LONGEST_FILE = 1 << 20;
    private static final String DOCKER = "docker.io";
    private static final String DOCKER_HOST = "registry-1.docker.io";
    private static final Pattern LOOPBACK =
            Pattern.compile("localhost|127\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}|\\[::1]");

    private final List<Path> dirs;

    private RegistryHosts(List<Path> dirs) {
        this.dirs = List.copyOf(dirs);
    }

    /** Those of {@code configDirs}, of rising priority, each with a {@code certs.d} or without. */
    public static RegistryHosts in(List<Path> configDirs) {
        return new RegistryHosts(
                configDirs.stream().map(dir -> dir.resolve("certs.d")).toList());
    }

    /**
     * The servers to ask, in their order.
     *
     * @param registry host, with a port where it has one
     * @param allowsHttp whether the user gave up https
     */
    List<RegistryHost> of(String registry, boolean allowsHttp) {
        List<RegistryHost> itself = itself(registry, allowsHttp);
        for (Path dir : dirs.reversed()) {
            for (String name : names(registry)) {
                Path file = dir.resolve(name).resolve(FILE);
                if (Files.isRegularFile(file)) {
                    HostsToml toml = read(file);
                    List<RegistryHost> all = new ArrayList<>(toml.hosts(registry));
                    all.addAll(toml.last(itself));
                    return List.copyOf(all);
                }
                Optional<RegistryCertificates> certificates = RegistryCertificates.in(dir.resolve(name));
                if (certificates.isPresent()) {
                    return itself.stream().map(certificates.get()::addTo).toList();
                }
            }
        }
        return itself;
    }

    /** A registry on this machine mostly speaks plain http, which leads nowhere else. */
    private static List<RegistryHost> itself(String registry, boolean allowsHttp) {
        String authority = registry.equals(DOCKER) ? DOCKER_HOST : registry;
        RegistryHost secure = RegistryHost.of(URI.create("https://" + authority + "/v2/"), false);
        RegistryHost plain = RegistryHost.of(URI.create("http://" + authority + "/v2/"), true);
        if (isLoopback(authority)) {
            return List.of(plain, secure); // some servers wait for ever for the rest of what they take for a request
        }
        return allowsHttp ? List.of(secure, plain) : List.of(secure);
    }

    static boolean isLoopback(String authority) {
        return LOOPBACK.matcher(authority.replaceFirst(":[0-9]+$", "")).matches();
    }

    /** As containerd looks for them: a port may be written {@code _5000_} where colons are trouble. */
    private static List<String> names(String registry) {
        int colon = registry.lastIndexOf(':');
        return colon < 0 || registry.endsWith("]")
                ? List.of(registry, "_default")
                : List.of(
                        registry, registry.substring(0, colon) + "_" + registry.substring(colon + 1) + "_", "_default");
    }

    private static HostsToml read(Path file) {
        try {
            if (Files.size(file) > LONGEST_FILE) {
                throw new AestusException(
                        Problem.INVALID, "cannot read " + file + ": it is longer than " + LONGEST_FILE + " bytes");
            }
            return HostsToml.read(Files.readString(file, StandardCharsets.UTF_8), file);
        } catch (IOException e) {
            throw new AestusException(Problem.DENIED, "cannot read " + file + ": " + e.getMessage(), e);
        }
    }
}
