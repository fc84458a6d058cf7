package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.linux.HostCiphers;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Whose word counts for the name of a server: the authorities in the operator's file, else those of this host, else those
 * that the Java runtime brings along.
 */
final class CertificateAuthorities {
    private static final List<Path> OF_HOST = List.of(
            Path.of("/etc/ssl/certs/ca-certificates.crt"), // Debian, Alpine, Arch
            Path.of("/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"), // Fedora, RHEL
            Path.of("/etc/ssl/ca-bundle.pem")); // SUSE

    /** To show nothing of ourselves. */
    static final KeyManager[] NO_CLIENT = {};

    private CertificateAuthorities() {}

    /** A context that trusts {@code caFile} alone if given, and shows what {@code clients} have. */
    static SSLContext context(Optional<Path> caFile, KeyManager[] clients) {
        return context(
                caFile.or(() -> OF_HOST.stream().filter(Files::isReadable).findFirst()).stream()
                        .toList(),
                clients);
    }

    /** A context that trusts what is in these files alone; what the Java runtime trusts if there are none. */
    static SSLContext context(List<Path> bundles, KeyManager[] clients) {
        try {
            TrustManager[] managers = null;
            if (!bundles.isEmpty()) {
                var factory = TrustManagerFactory.getInstance("PKIX");
                factory.init(read(bundles));
                managers = factory.getTrustManagers();
            }
            return contextOf(managers, clients);
        } catch (IOException | GeneralSecurityException e) {
            throw new AestusException(
                    Problem.INVALID,
                    "cannot read certificate authorities of "
                            + (bundles.isEmpty()
                                    ? "the Java runtime"
                                    : bundles.stream().map(Path::toString).collect(Collectors.joining(", ")))
                            + ": " + e.getMessage(),
                    e);
        }
    }

    /** A context that takes any certificate for any host. */
    static SSLContext blind(KeyManager[] clients) {
        try {
            return contextOf(new TrustManager[] {new Blind()}, clients);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SSLContext contextOf(
            TrustManager @org.jspecify.annotations.Nullable [] managers, KeyManager[] clients)
            throws GeneralSecurityException {
        HostCiphers.offer();
        var context = SSLContext.getInstance("TLS");
        context.init(clients, managers, null);
        return context;
    }

    private static KeyStore read(List<Path> bundles) throws IOException, GeneralSecurityException {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        int number = 0;
        for (Path bundle : bundles) {
            int before = number;
            try (InputStream in = new BufferedInputStream(Files.newInputStream(bundle))) {
                for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                    store.setCertificateEntry(Integer.toString(number++), certificate);
                }
            }
            if (number == before) {
                throw new IOException("it holds no certificate");
            }
        }
        return store;
    }

    /** What {@code --insecure-options=tls} asks for. */
    private static final class Blind extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
