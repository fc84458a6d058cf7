package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** By what a repository shows who it is: a certificate with its chain, and the key to it. */
final class RepositoryCertificate {
    private static final Duration LIFE = Duration.ofDays(90);
    private static final Duration SKEW = Duration.ofHours(1);
    private static final int SERIAL_BITS = 120;

    private final List<X509Certificate> chain;
    private final PrivateKey key;

    private RepositoryCertificate(List<X509Certificate> chain, PrivateKey key) {
        this.chain = List.copyOf(chain);
        this.key = key;
    }

    /**
     * One of an authority.
     *
     * @param chainFile the server's certificate and those between it and the authority, PEM
     * @param keyFile its private key without a passphrase, PEM
     */
    static RepositoryCertificate read(Path chainFile, Path keyFile) {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(chainFile));
                Reader reader = Files.newBufferedReader(keyFile);
                var parser = new PEMParser(reader)) {
            var chain = new ArrayList<X509Certificate>();
            for (var each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                chain.add((X509Certificate) each);
            }
            var converter = new JcaPEMKeyConverter();
            PrivateKey key =
                    switch (parser.readObject()) {
                        case PEMKeyPair pair -> converter.getPrivateKey(pair.getPrivateKeyInfo());
                        case PrivateKeyInfo info -> converter.getPrivateKey(info);
                        case null, default -> throw new IOException("no unencrypted private key in " + keyFile);
                    };
            if (chain.isEmpty()) {
                throw new IOException("no certificate in " + chainFile);
            }
            return new RepositoryCertificate(chain, key);
        } catch (IOException | GeneralSecurityException e) {
            throw new AestusException(
                    Problem.INVALID, "cannot read certificate " + chainFile + ": " + e.getMessage(), e);
        }
    }

    /** One of our own, for {@code hosts}, which ends with the server: its key is written nowhere. */
    static RepositoryCertificate selfSigned(Collection<String> hosts) {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            var name = new X500Name("CN=Aestus repository");
            Instant now = Instant.now();
            var builder = new JcaX509v3CertificateBuilder(
                    name,
                    new BigInteger(SERIAL_BITS, new SecureRandom()).add(BigInteger.ONE),
                    Date.from(now.minus(SKEW)),
                    Date.from(now.plus(LIFE)),
                    name,
                    pair.getPublic());
            GeneralName[] names = hosts.stream()
                    .map(host -> new GeneralName(isAddress(host) ? GeneralName.iPAddress : GeneralName.dNSName, host))
                    .toArray(GeneralName[]::new);
            builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(
                    Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
            var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate());
            var certificate = new JcaX509CertificateConverter().getCertificate(builder.build(signer));
            return new RepositoryCertificate(List.of(certificate), pair.getPrivate());
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException(e); // every JDK has these algorithms
        }
    }

    private static boolean isAddress(String host) {
        return host.matches("[0-9.]+") || host.indexOf(':') >= 0;
    }

    /** Writes what clients give as {@code --ca-file}. */
    void writeTo(Path file) throws IOException {
        var text = new StringWriter();
        try (var pem = new JcaPEMWriter(text)) {
            for (X509Certificate certificate : chain) {
                pem.writeObject(certificate);
            }
        }
        Files.writeString(file, text.toString(), StandardCharsets.US_ASCII);
    }

    SSLContext context() {
        try {
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("repository", key, new char[0], chain.toArray(X509Certificate[]::new));
            var managers = KeyManagerFactory.getInstance("PKIX");
            managers.init(store, new char[0]);
            var context = SSLContext.getInstance("TLS");
            context.init(managers.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new AestusException(
                    Problem.INVALID, "cannot use certificate: it does not fit its key: " + e.getMessage(), e);
        }
    }
}
