package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.aci.Aci;
import io.aestus.appc.ImageId;
import io.aestus.fetch.FetchConfig;
import io.aestus.fetch.FetchPolicy;
import io.aestus.fetch.ImageFetcher;
import io.aestus.fetch.ImageReference;
import io.aestus.fetch.Insecure;
import io.aestus.fetch.Progress;
import io.aestus.store.ImageStore;
import io.aestus.store.StoreLayout;
import io.aestus.store.StoredImage;
import io.aestus.trust.KeyStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images as the kubelet names them, in a real store. */
class FetchedImagesTest {
    @TempDir
    Path directory;

    private ImageStore store;
    private ImageFetcher fetcher;
    private FetchedImages images;
    private StoredImage busybox;

    @BeforeEach
    void open() throws Exception {
        store = ImageStore.open(StoreLayout.of(directory.resolve("data")));
        var keys = KeyStore.open(List.of(directory.resolve("keys")), InstantSource.system());
        fetcher = new ImageFetcher(store, keys, FetchConfig.PLAIN);
        images = new FetchedImages(store, fetcher, FetchPolicy.STANDARD.allowing(Insecure.IMAGE));
        Path archive = Files.write(
                directory.resolve("busybox.aci"),
                Aci.named("example.com/busybox")
                        .version("1.36")
                        .file("bin/sh", "sh")
                        .tar());
        busybox = fetcher.fetch(
                new ImageReference.Archive(archive), FetchPolicy.STANDARD.allowing(Insecure.IMAGE), Progress.NONE);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private Optional<ImageId> found(String name) {
        return images.find(name).map(StoredImage::id);
    }

    @Test
    void an_image_is_found_by_name_version_digest_and_id() {
        Optional<ImageId> id = Optional.of(busybox.id());
        String digest = "@sha512:" + busybox.id().hex();
        assertEquals(id, found("example.com/busybox"));
        assertEquals(id, found("example.com/busybox:latest"));
        assertEquals(id, found("example.com/busybox:1.36"));
        assertEquals(id, found("example.com/busybox" + digest));
        assertEquals(id, found(busybox.id().toString()));
        assertEquals(Optional.empty(), found("example.com/busybox:1.37"));
        assertEquals(Optional.empty(), found("example.com/other" + digest), "another name for the same digest");
        assertEquals(Optional.empty(), found("example.com/busybox@sha512:" + "0".repeat(128)));
    }

    @Test
    void an_image_stored_without_a_signature_is_here_by_its_id_only_where_signatures_count() {
        var strict = new FetchedImages(store, fetcher, FetchPolicy.STANDARD);
        assertEquals(Optional.empty(), strict.find("example.com/busybox:1.36"));
        assertEquals(
                Optional.of(busybox.id()), strict.find(busybox.id().toString()).map(StoredImage::id));
    }

    @Test
    void pulling_exactly_what_is_here_asks_nobody() {
        assertEquals(
                busybox.id(),
                images.pull("example.com/busybox@sha512:" + busybox.id().hex()).id());
        assertEquals(busybox.id(), images.pull(busybox.id().toString()).id());
    }

    @Test
    void an_id_that_is_not_here_cannot_be_pulled_since_nobody_knows_where_to_ask() {
        var problem = assertThrows(AestusException.class, () -> images.pull("sha512-" + "0".repeat(128)));
        assertEquals(Problem.NOT_FOUND, problem.problem());
    }

    @Test
    void removing_twice_is_the_same_as_once() {
        assertEquals(
                List.of(busybox.id()),
                images.list().stream().map(StoredImage::id).toList());
        images.remove(busybox.id());
        images.remove(busybox.id());
        assertEquals(List.of(), images.list());
        assertTrue(Files.isDirectory(images.directory()));
    }
}
