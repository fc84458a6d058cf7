package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.aci.Aci;
import io.aestus.aci.RawTar;
import io.aestus.appc.ImageId;
import io.aestus.cri.v1.AuthConfig;
import io.aestus.cri.v1.Image;
import io.aestus.fetch.FetchConfig;
import io.aestus.fetch.FetchPolicy;
import io.aestus.fetch.ImageFetcher;
import io.aestus.fetch.ImageReference;
import io.aestus.fetch.Insecure;
import io.aestus.fetch.Progress;
import io.aestus.fetch.RegistryLogin;
import io.aestus.fetch.TestRegistry;
import io.aestus.oci.Digest;
import io.aestus.oci.OciBuild;
import io.aestus.oci.OciReference;
import io.aestus.store.ImageStore;
import io.aestus.store.OciImages;
import io.aestus.store.StoreLayout;
import io.aestus.store.StoredImage;
import io.aestus.trust.KeyStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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

    private ImageId pull(String name) {
        return images.pull(name, AuthConfig.getDefaultInstance()).id();
    }

    @Test
    void a_name_means_either_kind_and_a_prefix_decides() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root makes marks for overlays");
        var web = new OciBuild().layer(new RawTar().file("x", "x")).runs("\"User\":\"1000\"");
        try (var registry = TestRegistry.open().push("busybox", "1", web)) {
            String name = registry.name() + "/busybox:1";
            ImageId id = pull(name);
            assertEquals(Optional.of(id), found(name));
            assertEquals(
                    Optional.of(id),
                    found("sha256:" + Digest.sha256(web.config()).hex()));
            assertEquals(
                    Optional.of(id),
                    found(registry.name() + "/busybox@" + web.descriptor().digest()));
            assertEquals(Optional.of(busybox.id()), found("aci://example.com/busybox:1.36"));
            assertEquals(Optional.empty(), found("aci://example.com/busybox:1.37"));
            Image image = Images.toImage(images.find(name).orElseThrow());
            assertEquals(List.of(name), image.getRepoTagsList());
            assertEquals(
                    List.of(registry.name() + "/busybox@" + web.descriptor().digest()), image.getRepoDigestsList());
            assertEquals(1000, image.getUid().getValue());
            var strict = new FetchedImages(store, fetcher, FetchPolicy.STANDARD);
            assertEquals(id, strict.pull(name, AuthConfig.getDefaultInstance()).id());
            images.remove(id);
            assertEquals(Optional.empty(), found(name));
        }
    }

    @Test
    void a_name_that_the_store_has_an_app_container_image_of_stays_one() {
        var refusal = assertThrows(AestusException.class, () -> pull("localhost.invalid/nothing:1"));
        assertTrue(refusal.message().contains("localhost.invalid"), refusal.message());
    }

    @Test
    void credentials_go_to_the_server_that_they_are_for() {
        var auth = AuthConfig.newBuilder()
                .setUsername("me")
                .setPassword("secret")
                .setServerAddress("https://index.docker.io/v1/")
                .build();
        assertEquals(
                Optional.of(new RegistryLogin.Password("me", "secret")),
                RegistryLogins.of(auth, OciReference.parse("nginx")));
        assertEquals(Optional.empty(), RegistryLogins.of(auth, OciReference.parse("quay.io/nginx")));
        var encoded = AuthConfig.newBuilder().setAuth("bWU6c2VjcmV0").build();
        assertEquals(
                Optional.of(new RegistryLogin.Password("me", "secret")),
                RegistryLogins.of(encoded, OciReference.parse("quay.io/nginx")));
        var tokens = auth.toBuilder()
                .clearServerAddress()
                .setIdentityToken("i")
                .setRegistryToken("r")
                .build();
        assertEquals(
                Optional.of(new RegistryLogin.RegistryToken("r")),
                RegistryLogins.of(tokens, OciReference.parse("quay.io/nginx")));
        assertEquals(
                Optional.of(new RegistryLogin.IdentityToken("i")),
                RegistryLogins.of(
                        tokens.toBuilder().clearRegistryToken().build(), OciReference.parse("quay.io/nginx")));
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
    void an_image_is_found_by_the_beginning_of_its_id_as_long_as_no_other_begins_so() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root makes marks for overlays");
        var web = new OciBuild().layer(new RawTar().file("x", "x"));
        try (var registry = TestRegistry.open().push("web", "1", web)) {
            ImageId id = pull(registry.name() + "/web:1");
            String config = Digest.sha256(web.config()).hex();
            for (String text : List.of(
                    id.toString().substring(0, 13),
                    id.hex().substring(0, 13),
                    id.hex(),
                    "sha256:" + config.substring(0, 6),
                    config.substring(0, 13),
                    config,
                    id.toString().substring(0, 20) + ":latest")) {
                assertEquals(Optional.of(id), found(text), text);
            }
            assertEquals(Optional.of(busybox.id()), found(busybox.id().hex().substring(0, 8)));
            assertEquals(Optional.empty(), found(config.substring(0, 12) + (config.charAt(12) == '0' ? "1" : "0")));
            assertEquals(id, pull("sha256:" + config.substring(0, 12)));
            String common = commonWith(id, registry);
            var refused = assertThrows(AestusException.class, () -> found("sha512-" + common));
            assertEquals(Problem.INVALID, refused.problem());
            assertTrue(refused.message().endsWith("IDs begin so"), refused.message());
        }
        var nowhere = assertThrows(AestusException.class, () -> pull("sha256:0123456789ab"));
        assertEquals(Problem.NOT_FOUND, nowhere.problem());
    }

    /** Brings images until one's ID begins as {@code id} does. */
    private String commonWith(ImageId id, TestRegistry registry) {
        String two = id.hex().substring(0, 2);
        for (int i = 0; ; i++) {
            var other = new OciBuild().layer(new RawTar().file("x", "x")).runs("\"User\":\"" + i + "\"");
            if (OciImages.idOf(other.config()).hex().startsWith(two)) {
                registry.push("other", "1", other);
                pull(registry.name() + "/other:1");
                return two;
            }
        }
    }

    @Test
    void pinned_images_say_so_and_are_not_collected() throws Exception {
        store.setPinned(List.of("example.com/busybox:1.36", "docker.io/library/none"));
        assertEquals(Set.of(busybox.id()), images.pinned());
        store.gc(Duration.ZERO, Set.of());
        assertEquals(Optional.of(busybox.id()), found("example.com/busybox"));
        store.setPinned(List.of(busybox.id().toString()));
        try (var again = ImageStore.open(store.layout())) {
            again.gc(Duration.ZERO, Set.of());
            assertEquals(Set.of(busybox.id()), again.pinned(), "what another process knows of it");
        }
        var refused = assertThrows(AestusException.class, () -> store.setPinned(List.of("no name")));
        assertEquals("cannot pin image 'no name': it is neither a name nor an ID", refused.message());
        store.setPinned(List.of());
        store.gc(Duration.ZERO, Set.of());
        assertEquals(Optional.empty(), found("example.com/busybox"));
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
                busybox.id(), pull("example.com/busybox@sha512:" + busybox.id().hex()));
        assertEquals(busybox.id(), pull(busybox.id().toString()));
        assertEquals(busybox.id(), pull("aci://" + busybox.id()));
    }

    @Test
    void an_id_that_is_not_here_cannot_be_pulled_since_nobody_knows_where_to_ask() {
        var problem = assertThrows(AestusException.class, () -> pull("sha512-" + "0".repeat(128)));
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
