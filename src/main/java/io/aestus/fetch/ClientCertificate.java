package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/**
 * By what a server that asks for a certificate knows us.
 *
 * @param certificate its file, PEM, the certificates that vouch for it behind it
 * @param key file of its private key, PEM, which may be the same
 */
record ClientCertificate(Path certificate, Path key) {
    /** What shows the one of these that a server accepts. */
    static KeyManager[] managers(List<ClientCertificate> clients) {
        try {
            var store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (ClientCertificate client : clients) {
                store.setKeyEntry(Integer.toString(number++), client.readKey(), new char[0], client.readCertificates());
            }
            var factory = KeyManagerFactory.getInstance("PKIX");
            factory.init(store, new char[0]);
            return factory.getKeyManagers();
        } catch (GeneralSecurityException | IOException e) {
            throw new AestusException(Problem.INVALID, "cannot use client certificates: " + e.getMessage(), e);
        }
    }

    private Certificate[] readCertificates() {
        var converter = new JcaX509CertificateConverter();
        var all = new ArrayList<Certificate>();
        try {
            for (Object part : parts(certificate)) {
                if (part instanceof X509CertificateHolder holder) {
                    all.add(converter.getCertificate(holder));
                }
            }
            if (all.isEmpty()) {
                throw new IOException("it holds none");
            }
        } catch (IOException | GeneralSecurityException e) {
            throw unreadable("certificate", certificate, e);
        }
        return all.toArray(Certificate[]::new);
    }

    /** In any of the forms that openssl writes, but for those that need a password: nobody is there to type it. */
    private PrivateKey readKey() {
        var converter = new JcaPEMKeyConverter();
        try {
            for (Object part : parts(key)) {
                if (part instanceof PrivateKeyInfo info) {
                    return converter.getPrivateKey(info);
                }
                if (part instanceof PEMKeyPair pair) {
                    return converter.getPrivateKey(pair.getPrivateKeyInfo());
                }
            }
            throw new IOException("it holds none that needs no password");
        } catch (IOException e) {
            throw unreadable("key", key, e);
        }
    }

    private static List<Object> parts(Path file) throws IOException {
        var parts = new ArrayList<Object>();
        try (Reader text = Files.newBufferedReader(file);
                var pem = new PEMParser(text)) {
            for (Object part = pem.readObject(); part != null; part = pem.readObject()) {
                parts.add(part);
            }
        }
        return parts;
    }

    private static AestusException unreadable(String what, Path file, Exception cause) {
        return new AestusException(
                Problem.INVALID, "cannot read client " + what + " " + file + ": " + cause.getMessage(), cause);
    }
}
