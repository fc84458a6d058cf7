package io.aestus.fetch;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate authority that lives for one test. */
public final class TestAuthority {
    private static final X500Name NAME = new X500Name("CN=Test authority");

    private final KeyPair keys = newKeys();
    private final X509Certificate certificate = issue(NAME, keys, true);

    /** The certificate as {@code --ca-file} wants it. */
    Path writeTo(Path file) throws IOException {
        return write(file, certificate);
    }

    /** A server's side of TLS, with a certificate for {@code hosts}. */
    public SSLContext serverFor(String... hosts) {
        try {
            KeyPair server = newKeys();
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            X509Certificate chain = issue(new X500Name("CN=" + hosts[0]), server, false, hosts);
            store.setKeyEntry("server", server.getPrivate(), new char[0], new X509Certificate[] {chain});
            var managers = KeyManagerFactory.getInstance("PKIX");
            managers.init(store, new char[0]);
            var context = SSLContext.getInstance("TLS");
            context.init(managers.getKeyManagers(), ofOurs(), null); // also of its clients
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private TrustManager[] ofOurs() throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("authority", certificate);
        var managers = TrustManagerFactory.getInstance("PKIX");
        managers.init(store);
        return managers.getTrustManagers();
    }

    /** A client with a certificate of this authority: it in one file, its key in two others, as openssl writes them. */
    record Client(Path certificate, Path pkcs8, Path traditional) {}

    Client client(Path dir) throws IOException {
        KeyPair own = newKeys("RSA");
        Path certificateFile = write(dir.resolve("client.crt"), issue(new X500Name("CN=client"), own, false));
        return new Client(
                certificateFile,
                write(dir.resolve("client.key"), new JcaPKCS8Generator(own.getPrivate(), null)),
                write(dir.resolve("client-rsa.key"), own.getPrivate()));
    }

    private static Path write(Path file, Object what) throws IOException {
        var text = new StringWriter();
        try (var pem = new JcaPEMWriter(text)) {
            pem.writeObject(what);
        }
        return Files.writeString(file, text.toString());
    }

    private X509Certificate issue(X500Name subject, KeyPair subjectKeys, boolean isAuthority, String... hosts) {
        try {
            var now = Instant.now();
            var builder = new JcaX509v3CertificateBuilder(
                    NAME,
                    BigInteger.valueOf(System.nanoTime()),
                    Date.from(now.minus(1, ChronoUnit.HOURS)),
                    Date.from(now.plus(1, ChronoUnit.DAYS)),
                    subject,
                    subjectKeys.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isAuthority));
            if (hosts.length > 0) {
                GeneralName[] names = Stream.of(hosts)
                        .map(host -> new GeneralName(
                                host.matches("[0-9.]+") ? GeneralName.iPAddress : GeneralName.dNSName, host))
                        .toArray(GeneralName[]::new);
                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
            }
            var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
            return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair newKeys() {
        return newKeys("EC");
    }

    private static KeyPair newKeys(String kind) {
        try {
            var generator = KeyPairGenerator.getInstance(kind);
            generator.initialize(kind.equals("EC") ? 256 : 2048);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
