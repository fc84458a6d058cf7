package io.aestus.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aestus.AestusException;
import io.aestus.store.StoredImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Fetches from a site of our own, of which nothing is left half done. */
abstract class FetchesFromSite {
    static final TestImage WEB =
            TestImage.named("example.com/web").label("version", "1.0").file("big", Fast.bytes(800_000, 3));

    @TempDir
    Path dir;

    Site site;

    @BeforeEach
    void build() throws IOException {
        site = new Site(dir).discoverable();
    }

    @AfterEach
    void nothing_is_left() throws IOException {
        List<String> left = site.leftovers();
        site.close();
        assertEquals(List.of(), left);
    }

    StoredImage fetch(String reference) {
        return fetch(reference, Fast.POLICY);
    }

    StoredImage fetch(String reference, FetchPolicy policy) {
        return site.fetcher.fetch(ImageReference.parse(reference), policy, Progress.NONE);
    }

    AestusException refused(String reference) {
        return refused(reference, Fast.POLICY);
    }

    AestusException refused(String reference, FetchPolicy policy) {
        var refusal = assertThrows(AestusException.class, () -> fetch(reference, policy));
        try {
            assertEquals(List.of(), site.store.list(), "the store has something after: " + refusal.message());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return refusal;
    }
}
