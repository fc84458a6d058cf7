package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Certificates that lie in {@code certs.d/REGISTRY} without a {@code hosts.toml}: authorities in {@code *.crt}, and our own in pairs of
 * {@code NAME.cert} and {@code NAME.key}.
 *
 * @see <a href="https://docs.docker.com/engine/security/certificates/">Docker: certificates</a>
 */
record RegistryCertificates(List<Path> authorities, List<ClientCertificate> clients) {
    private static final String CERTIFICATE = ".cert";
    private static final String KEY = ".key";
    private static final int MOST_FILES = 1000;

    RegistryCertificates {
        authorities = List.copyOf(authorities);
        clients = List.copyOf(clients);
    }

    /**
     * Those of a directory.
     *
     * @return empty if it has none, or is not there
     * @throws AestusException {@link Problem#INVALID} for half a pair
     */
    static Optional<RegistryCertificates> in(Path directory) {
        if (!Files.isDirectory(directory)) {
            return Optional.empty();
        }
        List<Path> files;
        try (Stream<Path> all = Files.list(directory)) {
            files = all.sorted().limit(MOST_FILES).toList();
        } catch (IOException e) {
            throw new AestusException(Problem.DENIED, "cannot read " + directory + ": " + e.getMessage(), e);
        }
        var authorities = new ArrayList<Path>();
        var clients = new ArrayList<ClientCertificate>();
        for (Path file : files) {
            String name = file.getFileName().toString();
            if (name.endsWith(".crt")) {
                authorities.add(file);
            } else if (name.endsWith(CERTIFICATE)) {
                clients.add(new ClientCertificate(file, other(file, CERTIFICATE, KEY)));
            } else if (name.endsWith(KEY)) {
                other(file, KEY, CERTIFICATE);
            }
        }
        return authorities.isEmpty() && clients.isEmpty()
                ? Optional.empty()
                : Optional.of(new RegistryCertificates(authorities, clients));
    }

    private static Path other(Path file, String ending, String otherEnding) {
        String name = file.getFileName().toString();
        Path other = file.resolveSibling(name.substring(0, name.length() - ending.length()) + otherEnding);
        if (!Files.isRegularFile(other)) {
            throw new AestusException(
                            Problem.INVALID,
                            "cannot use " + file + ": " + other.getFileName() + " is missing beside it")
                    .withRemedy("a certificate in NAME.cert, its key in NAME.key, authorities in *.crt");
        }
        return other;
    }

    /** The same server, with these. */
    RegistryHost addTo(RegistryHost host) {
        return new RegistryHost(
                host.base(),
                host.namespace(),
                host.resolves(),
                host.pulls(),
                host.allowsHttp(),
                host.checksCertificate(),
                authorities,
                clients,
                host.dialTimeout(),
                host.headers());
    }
}
