package io.aestus.fetch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import org.bouncycastle.bcpg.ArmoredOutputStream;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.bcpg.SymmetricKeyAlgorithmTags;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPKeyRingGenerator;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPSecretKey;
import org.bouncycastle.openpgp.PGPSecretKeyRing;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureGenerator;
import org.bouncycastle.openpgp.PGPSignatureSubpacketGenerator;
import org.bouncycastle.openpgp.operator.jcajce.JcaPGPContentSignerBuilder;
import org.bouncycastle.openpgp.operator.jcajce.JcaPGPDigestCalculatorProviderBuilder;
import org.bouncycastle.openpgp.operator.jcajce.JcaPGPKeyPair;
import org.bouncycastle.openpgp.operator.jcajce.JcePBESecretKeyDecryptorBuilder;
import org.bouncycastle.openpgp.operator.jcajce.JcePBESecretKeyEncryptorBuilder;

/** A publisher with an OpenPGP key that lives for one test. */
public final class TestSigner {
    private final PGPSecretKeyRing ring = newRing();

    private static PGPSecretKeyRing newRing() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            var born = Date.from(Instant.now().minus(Duration.ofDays(1)));
            var pair = new JcaPGPKeyPair(4, PublicKeyAlgorithmTags.ECDSA, generator.generateKeyPair(), born);
            var sha1 = new JcaPGPDigestCalculatorProviderBuilder().build().get(HashAlgorithmTags.SHA1);
            var flags = new PGPSignatureSubpacketGenerator();
            flags.setKeyFlags(true, KeyFlags.CERTIFY_OTHER | KeyFlags.SIGN_DATA);
            return new PGPKeyRingGenerator(
                            PGPSignature.POSITIVE_CERTIFICATION,
                            pair,
                            "Publisher <publisher@example.com>",
                            sha1,
                            flags.generate(),
                            null,
                            new JcaPGPContentSignerBuilder(PublicKeyAlgorithmTags.ECDSA, HashAlgorithmTags.SHA512),
                            new JcePBESecretKeyEncryptorBuilder(SymmetricKeyAlgorithmTags.NULL).build(new char[0]))
                    .generateSecretKeyRing();
        } catch (GeneralSecurityException | PGPException e) {
            throw new IllegalStateException(e);
        }
    }

    public String fingerprint() {
        return HexFormat.of().formatHex(ring.getPublicKey().getFingerprint());
    }

    /** The public key, armoured. */
    public byte[] publicKey() {
        return armoured(out -> {
            for (var keys = ring.getPublicKeys(); keys.hasNext(); ) {
                PGPPublicKey key = keys.next();
                key.encode(out);
            }
        });
    }

    /** A detached signature over {@code bytes}, armoured. */
    public byte[] sign(byte[] bytes) {
        try {
            PGPSecretKey secret = ring.getSecretKey();
            var generator = new PGPSignatureGenerator(
                    new JcaPGPContentSignerBuilder(PublicKeyAlgorithmTags.ECDSA, HashAlgorithmTags.SHA512),
                    ring.getPublicKey());
            generator.init(
                    PGPSignature.BINARY_DOCUMENT,
                    secret.extractPrivateKey(new JcePBESecretKeyDecryptorBuilder().build(new char[0])));
            var subpackets = new PGPSignatureSubpacketGenerator();
            subpackets.setIssuerFingerprint(false, ring.getPublicKey());
            generator.setHashedSubpackets(subpackets.generate());
            generator.update(bytes);
            PGPSignature signature = generator.generate();
            return armoured(signature::encode);
        } catch (PGPException e) {
            throw new IllegalStateException(e);
        }
    }

    private interface Encoding {
        void writeTo(ArmoredOutputStream out) throws IOException;
    }

    private static byte[] armoured(Encoding encoding) {
        var out = new ByteArrayOutputStream();
        try (var armour = ArmoredOutputStream.builder().clearHeaders().build(out)) {
            encoding.writeTo(armour);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return out.toByteArray();
    }
}
