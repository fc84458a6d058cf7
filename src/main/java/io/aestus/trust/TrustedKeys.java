package io.aestus.trust;

import io.aestus.appc.AcIdentifier;
import java.util.List;
import java.util.function.Supplier;

/** The keys that may sign images of one name, as a key store held them at one moment. Immutable. */
public final class TrustedKeys {
    private final AcIdentifier name;
    private final List<TrustedKey> keys;
    private final List<RefusedKeyFile> refused;
    private final Supplier<List<TrustedKey>> everywhere;

    /** @param everywhere all keys of all scopes, asked for only to explain a refusal */
    TrustedKeys(
            AcIdentifier name,
            List<TrustedKey> keys,
            List<RefusedKeyFile> refused,
            Supplier<List<TrustedKey>> everywhere) {
        this.name = name;
        this.keys = List.copyOf(keys);
        this.refused = List.copyOf(refused);
        this.everywhere = everywhere;
    }

    /** The name of the images that these keys may sign. */
    public AcIdentifier name() {
        return name;
    }

    public List<TrustedKey> keys() {
        return keys;
    }

    /** Whether no key at all is trusted for the name: the moment to look for one by discovery. */
    public boolean isEmpty() {
        return keys.isEmpty();
    }

    /** Files that were passed over, to be shown. */
    public List<RefusedKeyFile> refused() {
        return refused;
    }

    List<TrustedKey> everywhere() {
        return everywhere.get();
    }

    List<OpenPgpKey> openPgpKeys() {
        return keys.stream().map(TrustedKey::key).toList();
    }
}
