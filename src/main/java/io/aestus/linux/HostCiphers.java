package io.aestus.linux;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.Security;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Has Java's TLS encipher by the host's {@code libcrypto}, where it has one that computes what Java does. A JVM whose second compiler is
 * left out deciphers some ten megabytes a second, slower than most networks are.
 */
public final class HostCiphers extends Provider {
    private static final long serialVersionUID = 1L;
    private static final String NAME = "AestusHost";
    private static final String CIPHER = "AES/GCM/NoPadding";

    private HostCiphers() {
        super(NAME, "1", "AES-GCM by the host's libcrypto");
        putService(new Ciphers(this));
    }

    private static final class Ciphers extends Service {
        Ciphers(Provider provider) {
            super(provider, "Cipher", CIPHER, HostCipher.class.getName(), List.of(), Map.of());
        }

        @Override
        public Object newInstance(Object parameter) {
            return new HostCipher();
        }
    }

    /** Puts them before Java's own in this process, if the host has them; once is enough. Thread-safe. */
    public static void offer() {
        if (Security.getProvider(NAME) == null && HostCipher.isThere()) {
            var provider = new HostCiphers();
            if (provider.isRight()) {
                Security.insertProviderAt(provider, 1);
            }
        }
    }

    private boolean isRight() {
        try {
            byte[] text = "what is enciphered to see whether it is enciphered well".getBytes(US_ASCII);
            return Arrays.equals(
                    encipher(Cipher.getInstance(CIPHER, this), text), encipher(Cipher.getInstance(CIPHER), text));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a JDK without AES-GCM", e);
        }
    }

    private static byte[] encipher(Cipher cipher, byte[] text) throws GeneralSecurityException {
        cipher.init(
                Cipher.ENCRYPT_MODE, new SecretKeySpec(new byte[32], "AES"), new GCMParameterSpec(128, new byte[12]));
        cipher.updateAAD(text, 0, 13);
        return cipher.doFinal(text);
    }
}
