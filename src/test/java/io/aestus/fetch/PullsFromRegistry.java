package io.aestus.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.aci.Compression;
import io.aestus.aci.RawTar;
import io.aestus.oci.OciBuild;
import io.aestus.oci.OciReference;
import io.aestus.store.StoreForLayers;
import io.aestus.store.StoredImage;
import io.aestus.trust.KeyStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;

/** Pulls from a registry of our own, of which a refusal leaves nothing. */
abstract class PullsFromRegistry extends StoreForLayers {
    TestRegistry registry;

    @AfterEach
    void closeRegistry() {
        if (registry != null) {
            registry.close();
        }
    }

    static OciBuild web() {
        return new OciBuild()
                .layer(new RawTar().directory("bin").file("bin/web", "web"))
                .layer(new RawTar().file("etc/web", "x".repeat(300_000)), Compression.ZSTD)
                .layer(new RawTar().file("etc/.wh.web", ""))
                .runs("\"Cmd\":[\"/bin/web\"]");
    }

    ImageFetcher fetcher() {
        return new ImageFetcher(
                store,
                KeyStore.open(List.of(temp.resolve("keys")), InstantSource.system()),
                FetchConfig.read(List.of(temp.resolve("config")), Map.of(), Optional.empty()));
    }

    StoredImage pull(String name, Optional<RegistryLogin> login) {
        return fetcher()
                .pull(
                        OciReference.parse(name),
                        Fast.POLICY.allowing(Insecure.IMAGE).pulling(PullPolicy.UPDATE),
                        login,
                        Progress.NONE);
    }

    StoredImage pull(String name) {
        return pull(name, Optional.empty());
    }

    /** Writes what is asked for a registry. */
    void hosts(String name, String toml) throws IOException {
        Path dir = Files.createDirectories(temp.resolve("config/certs.d").resolve(name));
        Files.writeString(dir.resolve("hosts.toml"), toml);
    }

    String web(String tag) {
        return registry.name() + "/web:" + tag;
    }

    AestusException refused(String name, Problem problem, String reason) throws IOException {
        var refusal = assertThrows(AestusException.class, () -> pull(name));
        assertTrue(refusal.message().contains(reason), refusal.message());
        assertEquals(problem, refusal.problem(), refusal.message());
        assertEquals(List.of(), store.list());
        nothingIsLeft();
        return refusal;
    }
}
