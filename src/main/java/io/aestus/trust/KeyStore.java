package io.aestus.trust;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AcIdentifier;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Trusted keys on disk, laid out as rkt does: {@code root.d/FINGERPRINT} for every image, {@code prefix.d/NAME/FINGERPRINT} for a name and
 * all below it. Several directories lie on top of each other; an empty file hides the key of the same fingerprint found before it.
 * The order is: every layer's root keys from the lowest layer up, then every layer's prefix keys.
 *
 * <p>Every call reads the disk, so that changes by others count at once. Changes are atomic; writers need no lock.
 */
public final class KeyStore {
    private final List<KeyDirectory> layers;
    private final InstantSource clock;

    private KeyStore(List<KeyDirectory> layers, InstantSource clock) {
        this.layers = layers;
        this.clock = clock;
    }

    /**
     * A store over these directories, which need not exist.
     *
     * @param layers {@code trustedkeys} directories, lowest first; keys are added to and removed from the last one
     */
    public static KeyStore open(List<Path> layers, InstantSource clock) {
        if (layers.isEmpty()) {
            throw new IllegalArgumentException("a key store needs a directory");
        }
        return new KeyStore(layers.stream().map(KeyDirectory::new).toList(), clock);
    }

    /** What is there: keys that count, and files that do not. */
    public record Listing(List<TrustedKey> keys, List<RefusedKeyFile> refused) {
        public Listing {
            keys = List.copyOf(keys);
            refused = List.copyOf(refused);
        }
    }

    /** What removing a key took: deleting its file, hiding one in a lower layer, or both. */
    public enum Removal {
        DELETED,
        MASKED
    }

    /** The keys that may sign images of this name. */
    public TrustedKeys keysFor(AcIdentifier name) {
        Map<Optional<Fingerprint>, TrustedKey> keys = new LinkedHashMap<>();
        List<RefusedKeyFile> refused = new ArrayList<>();
        for (KeyDirectory.Entry entry : entriesInOrder(name)) {
            apply(entry, entry.fingerprint(), keys, refused);
        }
        return new TrustedKeys(name, List.copyOf(keys.values()), refused, () -> list().keys());
    }

    /** All keys of all scopes, without those that a higher layer hides. */
    public Listing list() {
        Map<Scoped, TrustedKey> keys = new LinkedHashMap<>();
        List<RefusedKeyFile> refused = new ArrayList<>();
        for (KeyDirectory layer : layers) {
            for (KeyDirectory.Entry entry : read(layer::all)) {
                apply(entry, new Scoped(entry.scope(), entry.fingerprint()), keys, refused);
            }
        }
        return new Listing(List.copyOf(keys.values()), refused);
    }

    private record Scoped(Scope scope, Optional<Fingerprint> fingerprint) {}

    private List<KeyDirectory.Entry> entriesInOrder(AcIdentifier name) {
        List<KeyDirectory.Entry> entries = new ArrayList<>();
        layers.forEach(layer -> entries.addAll(read(layer::rootKeys)));
        layers.forEach(layer -> entries.addAll(read(() -> layer.prefixKeys(name))));
        return entries;
    }

    private static <K> void apply(
            KeyDirectory.Entry entry, K slot, Map<K, TrustedKey> keys, List<RefusedKeyFile> refused) {
        switch (entry.content()) {
            case KeyDirectory.Mask _ -> keys.remove(slot);
            case KeyDirectory.Key(OpenPgpKey key) -> keys.put(slot, new TrustedKey(entry.scope(), key, entry.file()));
            case KeyDirectory.Refused(String reason) -> refused.add(new RefusedKeyFile(entry.file(), reason));
        }
    }

    /**
     * Trusts a key, replacing what was there of the same fingerprint. Adding the same key again changes nothing.
     *
     * @return the file that holds it now
     * @throws AestusException {@link Problem#INVALID} if no part of the key can sign images
     */
    public Path add(Scope scope, OpenPgpKey key) {
        KeyReview review = key.review(clock.instant());
        if (!review.canSign()) {
            throw new AestusException(
                            Problem.INVALID,
                            "cannot trust key " + key.fingerprint() + ": "
                                    + review.objection().orElseThrow())
                    .withRemedy("get the owner's current key");
        }
        return write("add key " + key.fingerprint(), () -> top().write(scope, key.fingerprint(), key.armoured()));
    }

    /**
     * Trusts a key no longer. Where a lower layer has it, an empty file is left that hides it.
     *
     * @throws AestusException {@link Problem#NOT_FOUND} if no such key is trusted for this scope
     */
    public Removal remove(Scope scope, Fingerprint fingerprint) {
        boolean trusted = list().keys().stream()
                .anyMatch(k -> k.scope().equals(scope) && k.fingerprint().equals(fingerprint));
        if (!trusted) {
            throw new AestusException(
                            Problem.NOT_FOUND, "cannot remove key " + fingerprint + ": it is not trusted for " + scope)
                    .withRemedy("aestus trust list");
        }
        return write("remove key " + fingerprint, () -> {
            boolean below = layers.subList(0, layers.size() - 1).stream().anyMatch(l -> l.holds(scope, fingerprint));
            if (below) {
                top().write(scope, fingerprint, new byte[0]);
                return Removal.MASKED;
            }
            top().delete(scope, fingerprint);
            return Removal.DELETED;
        });
    }

    private KeyDirectory top() {
        return layers.getLast();
    }

    private interface DiskWork<T> {
        T run() throws IOException;
    }

    private static <T> T read(DiskWork<T> work) {
        return run("read trusted keys", work);
    }

    private static <T> T write(String what, DiskWork<T> work) {
        return run(what, work);
    }

    private static <T> T run(String what, DiskWork<T> work) {
        try {
            return work.run();
        } catch (AccessDeniedException e) {
            throw new AestusException(Problem.DENIED, "cannot " + what + ": permission denied: " + e.getFile(), e);
        } catch (IOException e) {
            throw new AestusException(Problem.UNAVAILABLE, "cannot " + what + ": " + e, e);
        }
    }
}
