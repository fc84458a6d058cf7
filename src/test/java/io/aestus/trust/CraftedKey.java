package io.aestus.trust;

import java.io.ByteArrayOutputStream;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyPacket;
import org.bouncycastle.bcpg.PublicSubkeyPacket;
import org.bouncycastle.bcpg.UserIDPacket;
import org.bouncycastle.openpgp.PGPPrivateKey;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureGenerator;
import org.bouncycastle.openpgp.PGPSignatureSubpacketGenerator;
import org.bouncycastle.openpgp.operator.bc.BcKeyFingerprintCalculator;
import org.bouncycastle.openpgp.operator.jcajce.JcaPGPContentSignerBuilder;
import org.bouncycastle.openpgp.operator.jcajce.JcaPGPKeyPair;

/** A key and signatures by it that GnuPG would refuse to make, packet by packet. */
final class CraftedKey {
    private static final Instant MADE = Instant.parse("2024-01-01T00:00:00Z");

    private final PGPPrivateKey secret;
    final PGPPublicKey primary;
    private final ByteArrayOutputStream packets = new ByteArrayOutputStream();

    /** What goes into the hashed part of a signature. */
    interface Options {
        void into(PGPSignatureSubpacketGenerator hashed) throws Exception;
    }

    private CraftedKey(int algorithm, String name, int bits) throws Exception {
        var generator = KeyPairGenerator.getInstance(name);
        generator.initialize(bits);
        var pair = new JcaPGPKeyPair(4, algorithm, generator.generateKeyPair(), Date.from(MADE));
        secret = pair.getPrivateKey();
        primary = pair.getPublicKey();
        packets.write(primary.getEncoded());
    }

    /** A key with nothing said about it yet. */
    static CraftedKey bare() throws Exception {
        return new CraftedKey(PublicKeyAlgorithmTags.ECDSA, "EC", 256);
    }

    /** One that the JDK lets sign by MD5. */
    static CraftedKey rsa(String userId) throws Exception {
        return new CraftedKey(PublicKeyAlgorithmTags.RSA_GENERAL, "RSA", 2048)
                .certify(userId, HashAlgorithmTags.SHA256, MADE, hashed -> {});
    }

    /** One with a good name. */
    static CraftedKey named(String userId) throws Exception {
        return bare().certify(userId, HashAlgorithmTags.SHA256, MADE, hashed -> {});
    }

    CraftedKey certify(String userId, int hash, Instant made, Options options) throws Exception {
        packets.write(new UserIDPacket(userId).getEncoded());
        var generator = generator(PGPSignature.POSITIVE_CERTIFICATION, hash, made, options);
        packets.write(generator.generateCertification(userId, primary).getEncoded());
        return this;
    }

    /** Claims somebody's key as a subkey of this one, as only its own owner should be able to. */
    CraftedKey claim(PGPPublicKey stolen, Options options) throws Exception {
        var packet = stolen.getPublicKeyPacket();
        var subkey = new PGPPublicKey(
                new PublicSubkeyPacket(
                        PublicKeyPacket.VERSION_4, packet.getAlgorithm(), packet.getTime(), packet.getKey()),
                new BcKeyFingerprintCalculator());
        packets.write(subkey.getEncoded());
        var generator = generator(PGPSignature.SUBKEY_BINDING, HashAlgorithmTags.SHA256, MADE, options);
        packets.write(generator.generateCertification(primary, subkey).getEncoded());
        return this;
    }

    /** A statement directly on the key, such as a right to revoke. */
    CraftedKey say(Options options) throws Exception {
        var generator = generator(PGPSignature.DIRECT_KEY, HashAlgorithmTags.SHA256, MADE, options);
        return add(generator.generateCertification(primary));
    }

    CraftedKey add(PGPSignature onPrimary) throws Exception {
        byte[] rest = packets.toByteArray();
        int key = primary.getEncoded().length;
        packets.reset();
        packets.write(rest, 0, key);
        packets.write(onPrimary.getEncoded());
        packets.write(rest, key, rest.length - key);
        return this;
    }

    PGPSignature revocationOf(PGPPublicKey other) throws Exception {
        return revocationOf(other, HashAlgorithmTags.SHA256, MADE);
    }

    PGPSignature revocationOf(PGPPublicKey other, int hash, Instant made) throws Exception {
        return generator(PGPSignature.KEY_REVOCATION, hash, made, hashed -> {}).generateCertification(other);
    }

    OpenPgpKey key() {
        return OpenPgpKey.readAll(packets.toByteArray(), "crafted").getFirst();
    }

    byte[] sign(byte[] data, int type, int hash, Instant made, Options options) throws Exception {
        var generator = generator(type, hash, made, options);
        generator.update(data);
        return generator.generate().getEncoded();
    }

    private PGPSignatureGenerator generator(int type, int hash, Instant made, Options options) throws Exception {
        var generator =
                new PGPSignatureGenerator(new JcaPGPContentSignerBuilder(primary.getAlgorithm(), hash), primary);
        generator.init(type, secret);
        var hashed = new PGPSignatureSubpacketGenerator();
        hashed.setSignatureCreationTime(false, Date.from(made));
        hashed.setIssuerFingerprint(false, primary);
        options.into(hashed);
        generator.setHashedSubpackets(hashed.generate());
        var unhashed = new PGPSignatureSubpacketGenerator();
        unhashed.setIssuerKeyID(false, primary.getKeyID());
        generator.setUnhashedSubpackets(unhashed.generate());
        return generator;
    }
}
