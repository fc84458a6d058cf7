package io.aestus.trust;

import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.function.Function;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.Signer;
import org.bouncycastle.crypto.digests.NullDigest;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.Ed448PublicKeyParameters;
import org.bouncycastle.crypto.signers.DSADigestSigner;
import org.bouncycastle.crypto.signers.DSASigner;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.bouncycastle.crypto.signers.Ed448Signer;
import org.bouncycastle.crypto.signers.RSADigestSigner;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.operator.PGPContentVerifier;
import org.bouncycastle.openpgp.operator.PGPContentVerifierBuilder;
import org.bouncycastle.openpgp.operator.PGPContentVerifierBuilderProvider;
import org.bouncycastle.openpgp.operator.bc.BcPGPKeyConverter;

/**
 * Lets the library check a signature over bytes that the JDK hashed. The digest that is handed in may already have taken up the image;
 * the library adds only the signature's own trailer.
 */
final class DigestVerifiers implements PGPContentVerifierBuilderProvider {
    private final Function<HashAlgorithm, MessageDigest> digests;

    private DigestVerifiers(Function<HashAlgorithm, MessageDigest> digests) {
        this.digests = digests;
    }

    /** For signatures over keys and names, which are hashed from their beginning. */
    static DigestVerifiers fresh() {
        return new DigestVerifiers(HashAlgorithm::newDigest);
    }

    /** @param digest what was hashed up to now; used up by one verification */
    static DigestVerifiers continuing(MessageDigest digest) {
        return new DigestVerifiers(hash -> digest);
    }

    @Override
    public PGPContentVerifierBuilder get(int keyAlgorithm, int hashTag) throws PGPException {
        HashAlgorithm hash = HashAlgorithm.ofTag(hashTag)
                .orElseThrow(() -> new PGPException("unusable " + HashAlgorithm.nameOfTag(hashTag)));
        return key -> new Verifier(keyAlgorithm, hashTag, hash, digests.apply(hash), key);
    }

    private static final class Verifier implements PGPContentVerifier {
        private final int keyAlgorithm;
        private final int hashTag;
        private final MessageDigest digest;
        private final PGPPublicKey key;
        private final Signer signer;

        Verifier(int keyAlgorithm, int hashTag, HashAlgorithm hash, MessageDigest digest, PGPPublicKey key)
                throws PGPException {
            this.keyAlgorithm = keyAlgorithm;
            this.hashTag = hashTag;
            this.digest = digest;
            this.key = key;
            AsymmetricKeyParameter parameters = new BcPGPKeyConverter().getPublicKey(key);
            this.signer = signerOfHash(keyAlgorithm, hash, parameters);
            this.signer.init(false, parameters);
        }

        /** A signer that is fed the finished hash: "null" digests pass on what they get. */
        private static Signer signerOfHash(int keyAlgorithm, HashAlgorithm hash, AsymmetricKeyParameter key)
                throws PGPException {
            Digest finished = new NullDigest();
            return switch (keyAlgorithm) {
                case PublicKeyAlgorithmTags.RSA_GENERAL -> new RSADigestSigner(finished, hash.oid());
                case PublicKeyAlgorithmTags.DSA -> new DSADigestSigner(new DSASigner(), finished);
                case PublicKeyAlgorithmTags.ECDSA -> new DSADigestSigner(new ECDSASigner(), finished);
                case PublicKeyAlgorithmTags.EDDSA_LEGACY,
                        PublicKeyAlgorithmTags.Ed25519,
                        PublicKeyAlgorithmTags.Ed448 ->
                    key instanceof Ed448PublicKeyParameters ? new Ed448Signer(new byte[0]) : new Ed25519Signer();
                default -> throw new PGPException("unusable key algorithm " + keyAlgorithm);
            };
        }

        @Override
        public OutputStream getOutputStream() {
            return new OutputStream() {
                @Override
                public void write(int b) {
                    digest.update((byte) b);
                }

                @Override
                public void write(byte[] bytes, int offset, int length) {
                    digest.update(bytes, offset, length);
                }
            };
        }

        @Override
        public boolean verify(byte[] signature) {
            byte[] hash = digest.digest();
            signer.update(hash, 0, hash.length);
            return signer.verifySignature(signature);
        }

        @Override
        public int getHashAlgorithm() {
            return hashTag;
        }

        @Override
        public int getKeyAlgorithm() {
            return keyAlgorithm;
        }

        @Override
        public long getKeyID() {
            return key.getKeyID();
        }
    }
}
