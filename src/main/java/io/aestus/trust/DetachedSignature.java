package io.aestus.trust;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.bcpg.KeyIdentifier;
import org.bouncycastle.openpgp.PGPMarker;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureList;
import org.bouncycastle.openpgp.bc.BcPGPObjectFactory;

/** One or several signatures over a file that is not here yet. Nothing in it is proven, not even who made it. Immutable. */
public final class DetachedSignature {
    /** A signature has about 600 bytes; nobody needs more than this. */
    public static final int LIMIT_BYTES = 64 << 10;

    private static final int MAX_SIGNATURES = 16;

    private final byte[] packets;
    private final List<String> issuers;

    private DetachedSignature(byte[] packets, List<String> issuers) {
        this.packets = packets;
        this.issuers = issuers;
    }

    /**
     * Reads a signature file, armoured or binary.
     *
     * @throws AestusException {@link Problem#INVALID} if it is too big, damaged, or no detached signature
     */
    public static DetachedSignature read(byte[] file) {
        try {
            if (file.length > LIMIT_BYTES) {
                throw new IOException("it has more than " + LIMIT_BYTES + " bytes");
            }
            byte[] packets = Armour.isBinary(file) ? file.clone() : Armour.decode(file, "SIGNATURE");
            return new DetachedSignature(
                    packets,
                    parse(packets).stream().map(DetachedSignature::issuerOf).toList());
        } catch (IOException e) {
            throw new AestusException(Problem.INVALID, "cannot read signature: " + e.getMessage(), e)
                    .withRemedy("it should be what 'gpg --armor --detach-sign' makes");
        }
    }

    private static List<PGPSignature> parse(byte[] packets) throws IOException {
        List<PGPSignature> signatures = new ArrayList<>();
        try {
            var factory = new BcPGPObjectFactory(packets);
            for (Object next = factory.nextObject(); next != null; next = factory.nextObject()) {
                switch (next) {
                    case PGPSignatureList list -> list.forEach(signatures::add);
                    case PGPMarker _ -> {}
                    default -> throw new IOException("it holds something else than detached signatures");
                }
            }
        } catch (RuntimeException e) {
            throw new IOException("its packets are damaged", e); // the library lets malformed ones surface in many ways
        }
        if (signatures.isEmpty()) {
            throw new IOException("it holds no signature that can be read");
        }
        if (signatures.size() > MAX_SIGNATURES) {
            throw new IOException(
                    "it holds " + signatures.size() + " signatures, and " + MAX_SIGNATURES + " are allowed");
        }
        return signatures;
    }

    /** By what the signatures say, who made them: fingerprints where they name one, else key IDs; unproven. */
    public List<String> issuers() {
        return issuers;
    }

    static String issuerOf(PGPSignature signature) {
        String name = "an unnamed key";
        for (KeyIdentifier id : signature.getKeyIdentifiers()) {
            byte[] fingerprint = id.getFingerprint();
            if (fingerprint != null && (fingerprint.length == 20 || fingerprint.length == 32)) {
                return Fingerprint.of(fingerprint).hex();
            }
            name = "%016x".formatted(id.getKeyId());
        }
        return name;
    }

    /** Each call gives new ones: the library's signatures keep state while they are checked. */
    List<PGPSignature> signatures() {
        try {
            return parse(packets);
        } catch (IOException e) {
            throw new IllegalStateException("signature was readable before", e);
        }
    }
}
