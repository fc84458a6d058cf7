package io.aestus.trust;

import io.aestus.linux.HostDigest;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.oiw.OIWObjectIdentifiers;
import org.bouncycastle.bcpg.HashAlgorithmTags;

/** The hash functions that we compute at all, each by the JDK; {@link SignaturePolicy} says for what each is good enough. */
enum HashAlgorithm {
    SHA1(HashAlgorithmTags.SHA1, "SHA-1", OIWObjectIdentifiers.idSHA1),
    SHA224(HashAlgorithmTags.SHA224, "SHA-224", NISTObjectIdentifiers.id_sha224),
    SHA256(HashAlgorithmTags.SHA256, "SHA-256", NISTObjectIdentifiers.id_sha256),
    SHA384(HashAlgorithmTags.SHA384, "SHA-384", NISTObjectIdentifiers.id_sha384),
    SHA512(HashAlgorithmTags.SHA512, "SHA-512", NISTObjectIdentifiers.id_sha512),
    SHA3_256(HashAlgorithmTags.SHA3_256, "SHA3-256", NISTObjectIdentifiers.id_sha3_256),
    SHA3_512(HashAlgorithmTags.SHA3_512, "SHA3-512", NISTObjectIdentifiers.id_sha3_512);

    private final int tag;
    private final String jdkName;
    private final String oid;

    HashAlgorithm(int tag, String jdkName, ASN1ObjectIdentifier oid) {
        this.tag = tag;
        this.jdkName = jdkName;
        this.oid = oid.getId();
    }

    static Optional<HashAlgorithm> ofTag(int tag) {
        for (HashAlgorithm candidate : values()) {
            if (candidate.tag == tag) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    /** What to call the hash of this number in a message, known or not. */
    static String nameOfTag(int tag) {
        return ofTag(tag).map(known -> known.jdkName).orElseGet(() -> switch (tag) {
            case HashAlgorithmTags.MD5 -> "MD5";
            case HashAlgorithmTags.RIPEMD160 -> "RIPEMD-160";
            default -> "hash algorithm " + tag;
        });
    }

    MessageDigest newDigest() {
        try {
            return HostDigest.of(jdkName);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK lacks " + jdkName, e);
        }
    }

    /** As PKCS#1 signatures name it inside. */
    ASN1ObjectIdentifier oid() {
        return new ASN1ObjectIdentifier(oid);
    }
}
