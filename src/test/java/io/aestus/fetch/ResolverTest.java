package io.aestus.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.PodManifest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("host")
class ResolverTest {
    private static final TestImage WEB = TestImage.named("example.com/web").label("version", "1.0");
    private static final TestImage LOG = TestImage.named("example.com/log");

    @TempDir
    Path dir;

    private Site site;

    @BeforeEach
    void build() throws IOException {
        site = new Site(dir).discoverable().trusting("example.com");
        site.publish("/example.com/web-1.0.aci", WEB.aci());
        site.publish("/example.com/log-latest.aci", LOG.aci());
    }

    @AfterEach
    void tearDown() throws IOException {
        site.close();
    }

    private PodManifest reify(String apps) {
        String text = "{\"acKind\": \"PodManifest\", \"acVersion\": \"0.8.11\", \"apps\": [" + apps + "]}";
        var template = PodManifest.read(text.getBytes(StandardCharsets.UTF_8));
        return new Resolver(site.store, site.fetcher).reify(template, Fast.POLICY, Progress.NONE);
    }

    @Test
    void every_app_gets_the_id_of_an_image_of_the_store() throws IOException {
        PodManifest pod = reify("""
                {"name": "web", "image": {"name": "example.com/web", "labels": [{"name": "version", "value": "1.0"}]}},
                {"name": "log", "image": {"name": "example.com/log"}}
                """);
        assertTrue(pod.isReified());
        assertEquals(
                List.of(WEB.id(), LOG.id()),
                pod.apps().stream().map(app -> app.image().id().orElseThrow()).toList());
        assertEquals(2, site.store.list().size());
    }

    @Test
    void an_id_beside_a_name_must_be_what_the_name_leads_to() {
        String app = "{\"name\": \"log\", \"image\": {\"name\": \"example.com/log\", \"id\": \"%s\"}}";
        assertEquals(
                LOG.id(),
                reify(app.formatted(LOG.id())).apps().getFirst().image().id().orElseThrow());
        var refusal = assertThrows(AestusException.class, () -> reify(app.formatted(WEB.id())));
        assertEquals(Problem.CORRUPT, refusal.problem());
    }

    @Test
    void an_id_alone_must_be_in_the_store() {
        String app = "{\"name\": \"log\", \"image\": {\"id\": \"%s\"}}".formatted(LOG.id());
        var refusal = assertThrows(AestusException.class, () -> reify(app));
        assertEquals(Problem.NOT_FOUND, refusal.problem());
    }
}
