package io.aestus.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aestus.aci.Compression;
import io.aestus.aci.RawTar;
import io.aestus.oci.OciBuild;
import io.aestus.oci.OciReference;
import io.aestus.store.ImageStore;
import io.aestus.store.OciImages;
import io.aestus.store.StoreLayout;
import io.aestus.store.StoredImage;
import io.aestus.trust.KeyStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the tools of others made, from the registry of others, and back to them. */
@Timeout(120)
class DockerRegistryTest {
    @TempDir
    Path temp;

    private static OciBuild web() {
        return new OciBuild()
                .layer(new RawTar().directory("bin").file("bin/web", "web"))
                .layer(new RawTar().file("etc/web", "x".repeat(300_000)))
                .runs("\"Cmd\":[\"/bin/web\"]");
    }

    @Test
    void images_of_either_form_are_pulled_and_what_is_exported_is_understood() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root makes marks for overlays");
        try (var registry = DockerRegistry.start(temp);
                ImageStore store = ImageStore.open(StoreLayout.of(temp.resolve("node")))) {
            registry.push(web(), "web:oci");
            registry.push(web(), "web:docker", "--format", "v2s2");
            registry.push(web().layer(new RawTar().file("more", "more"), Compression.ZSTD), "web:zstd");
            var fetcher = new ImageFetcher(
                    store, KeyStore.open(List.of(temp.resolve("keys")), InstantSource.system()), FetchConfig.PLAIN);
            for (String tag : List.of("oci", "docker", "zstd")) {
                StoredImage image = fetcher.pull(
                        OciReference.parse(registry.name() + "/web:" + tag),
                        FetchPolicy.STANDARD.allowing(Insecure.IMAGE),
                        Optional.empty(),
                        Progress.NONE);
                assertEquals(List.of(), store.verify(image.id()).differences(), tag);
                assertEquals(
                        tag.equals("zstd") ? 3 : 2, store.layers(image.id()).size(), tag);
            }
            StoredImage image = store.require(OciImages.idOf(web().config()));
            assertTrue(image.references().contains(OciReference.parse(registry.name() + "/web:oci")));
            Path archive = temp.resolve("web.tar");
            try (var out = Files.newOutputStream(archive)) {
                store.export(image.id(), out);
            }
            Process back = new ProcessBuilder(
                            "skopeo",
                            "--insecure-policy",
                            "copy",
                            "--dest-tls-verify=false",
                            "oci-archive:" + archive,
                            "docker://" + registry.name() + "/web:back")
                    .redirectErrorStream(true)
                    .start();
            String said = new String(back.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            assertEquals(0, back.waitFor(), said);
        }
    }
}
