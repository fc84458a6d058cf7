package io.aestus.trust;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.bcpg.ArmoredOutputStream;
import org.bouncycastle.openpgp.PGPMarker;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPSecretKeyRing;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.bc.BcPGPObjectFactory;

/** A public key as its owner hands it out: the primary key with its subkeys, names and statements about them. Immutable. */
public final class OpenPgpKey {
    /** Keys with thousands of others' certifications are attacks, not keys. */
    public static final int LIMIT_BYTES = 1 << 20;

    private final PGPPublicKeyRing ring;
    private final OwnStatements statements;

    private OpenPgpKey(PGPPublicKeyRing ring) {
        this.ring = ring;
        this.statements = new OwnStatements(ring);
    }

    /**
     * Reads a key file, armoured or binary, with one key or several.
     *
     * @param what what to call the file in messages; foreign text already quoted
     * @throws AestusException {@link Problem#INVALID} if it is too big, damaged, or no public key
     */
    public static List<OpenPgpKey> readAll(byte[] file, String what) {
        try {
            return parse(file);
        } catch (IOException e) {
            throw new AestusException(Problem.INVALID, "cannot read key " + what + ": " + e.getMessage(), e);
        }
    }

    /** @throws IOException with a short reason */
    static List<OpenPgpKey> parse(byte[] file) throws IOException {
        if (file.length > LIMIT_BYTES) {
            throw new IOException("it has more than " + LIMIT_BYTES + " bytes");
        }
        byte[] packets = Armour.isBinary(file) ? file : Armour.decode(file, "PUBLIC KEY BLOCK");
        List<OpenPgpKey> keys = new ArrayList<>();
        try {
            var factory = new BcPGPObjectFactory(packets);
            for (Object next = factory.nextObject(); next != null; next = factory.nextObject()) {
                addKey(next, keys);
            }
        } catch (RuntimeException e) {
            throw new IOException("its packets are damaged", e); // the library lets malformed ones surface in many ways
        }
        if (keys.isEmpty()) {
            throw new IOException("it holds no key");
        }
        return List.copyOf(keys);
    }

    private static void addKey(Object packets, List<OpenPgpKey> keys) throws IOException {
        switch (packets) {
            case PGPPublicKeyRing ring -> {
                int version = ring.getPublicKey().getVersion();
                if (version != 4 && version != 6) {
                    throw new IOException("it holds a key of version " + version + "; 4 and 6 are accepted");
                }
                keys.add(new OpenPgpKey(ring));
            }
            case PGPSecretKeyRing _ -> throw new IOException("it holds a secret key, which must not be handed out");
            case PGPMarker _ -> {}
            default -> throw new IOException("it holds something else than public keys");
        }
    }

    /** Of the primary key. */
    public Fingerprint fingerprint() {
        return fingerprintOf(primary());
    }

    /** What people should look at before they trust this key. */
    public KeyReview review(Instant now) {
        return KeyReview.of(this, now);
    }

    /** The key as text, the form in which key stores keep it. */
    public byte[] armoured() {
        var out = new ByteArrayOutputStream();
        try (var armour = ArmoredOutputStream.builder().clearHeaders().build(out)) {
            ring.encode(armour);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** Why {@code component} must not be believed; empty if it may sign. */
    Optional<Refusal> objectionTo(PGPPublicKey component, Collection<OpenPgpKey> known, Instant now) {
        return new KeyJudge(this, known, now).objectionTo(component);
    }

    /** The primary key or those subkeys that may have made this signature, by what it says itself. */
    List<PGPPublicKey> possibleSigners(PGPSignature signature) {
        return components().stream()
                .filter(c -> signature.hasKeyIdentifier(c.getKeyIdentifier()))
                .toList();
    }

    PGPPublicKey primary() {
        return ring.getPublicKey();
    }

    /** The primary key first, then all subkeys. */
    List<PGPPublicKey> components() {
        List<PGPPublicKey> components = new ArrayList<>();
        ring.getPublicKeys().forEachRemaining(components::add);
        return components;
    }

    OwnStatements statements() {
        return statements;
    }

    List<String> userIds(Instant now) {
        synchronized (this) {
            return statements.validNames(now).stream()
                    .map(name -> new String(name, StandardCharsets.UTF_8))
                    .toList();
        }
    }

    static Fingerprint fingerprintOf(PGPPublicKey component) {
        return Fingerprint.of(component.getFingerprint());
    }

    /** When {@code component} ends, by what {@code statement} says of it. */
    static Optional<Instant> expiry(PGPPublicKey component, PGPSignature statement) {
        long seconds = statement.getHashedSubPackets().getKeyExpirationTime();
        return seconds == 0
                ? Optional.empty()
                : Optional.of(component.getCreationTime().toInstant().plusSeconds(seconds));
    }
}
