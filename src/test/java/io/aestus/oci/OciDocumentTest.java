package io.aestus.oci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.appc.Platform;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OciDocumentTest {
    private static final String D = "sha256:" + "ab".repeat(32);

    private static OciDocument read(String json) {
        return OciDocument.read(json.replace('\'', '"').replace("DIGEST", D).getBytes(StandardCharsets.UTF_8));
    }

    private static OciIndex index(String... platforms) {
        var entries = new java.util.ArrayList<String>();
        for (String platform : platforms) {
            String[] parts = platform.split("/", -1);
            String variant = parts.length > 2 ? ",'variant':'" + parts[2] + "'" : "";
            entries.add("{'digest':'DIGEST','size':" + (entries.size() + 1) + ",'platform':{'os':'" + parts[0]
                    + "','architecture':'" + parts[1] + "'" + variant + "}}");
        }
        return assertInstanceOf(
                OciIndex.class, read("{'schemaVersion':2,'manifests':[" + String.join(",", entries) + "]}"));
    }

    @Test
    void an_index_leads_to_the_image_of_this_machine() {
        OciIndex index = index(
                "unknown/unknown", "windows/amd64", "linux/arm/v6", "linux/arm/v7", "linux/arm64/v8", "linux/amd64");
        assertEquals(6, index.choose(new Platform("linux", "amd64")).size());
        assertEquals(5, index.choose(new Platform("linux", "aarch64")).size());
        assertEquals(4, index.choose(new Platform("linux", "armv7l")).size());
        var failure = assertThrows(AestusException.class, () -> index.choose(new Platform("linux", "s390x")));
        assertTrue(
                failure.getMessage().contains("has none for linux/s390x, but linux/amd64, linux/arm/v6, linux/arm/v7"),
                failure.getMessage());
    }

    @Test
    void an_image_of_docker_is_read_as_any() {
        var manifest = assertInstanceOf(
                OciManifest.class,
                read(
                        "{'schemaVersion':2,'mediaType':'application/vnd.docker.distribution.manifest.v2+json','config':{'mediaType':'application/vnd.docker.container.image.v1+json','digest':'DIGEST','size':7},'layers':[{'mediaType':'application/vnd.docker.image.rootfs.diff.tar.gzip','digest':'DIGEST','size':9}]}"));
        assertEquals(7, manifest.config().size());
        assertEquals(9, manifest.layers().getFirst().size());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | must have either manifests, or config and layers",
                "{'schemaVersion':2,'manifests':[],'layers':[],'config':{}} | must not have both",
                "{'schemaVersion':1,'fsLayers':[]} | Docker's schema 1",
                "{'schemaVersion':1,'manifests':[]} | whole number from 2 to 2",
                "{'schemaVersion':2,'mediaType':'application/vnd.oci.image.manifest.v1+json','manifests':[]} | mediaType",
                "{'schemaVersion':2,'layers':[],'config':{'mediaType':'application/vnd.cncf.helm.config.v1+json','digest':'DIGEST','size':1}} | must have a blob with a name",
                "{'schemaVersion':2,'layers':[],'config':{'digest':'sha256:zz','size':1}} | must be sha256",
                "{'schemaVersion':2,'layers':[],'config':{'digest':'DIGEST','size':-1}} | whole number",
                "{'schemaVersion':2,'layers':[{}],'config':{'digest':'DIGEST','size':1}} | layers[0].digest",
            })
    void what_is_neither_is_refused(String json, String reason) {
        var failure = assertThrows(AestusException.class, () -> read(json));
        assertTrue(failure.getMessage().contains(reason), failure.getMessage());
    }
}
