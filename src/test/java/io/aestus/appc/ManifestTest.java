package io.aestus.appc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.json.JsonReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ManifestTest {
    private static final ImageId ID = new ImageId("0".repeat(128));
    private static final AcName WEB = AcName.parse("web");

    @Test
    void c4_a_template_becomes_reified_by_the_ids_of_its_images() {
        var app = RuntimeApp.of(WEB, RuntimeImage.of(ImageQuery.parse("example.com/web:latest")));
        PodManifest template = PodManifest.of(app);
        assertFalse(template.isReified());
        var e = assertThrows(AestusException.class, template::requireReified);
        assertEquals("cannot run pod: no image ID yet for web", e.message());

        PodManifest pod = template.withApps(List.of(app.withImage(app.image().resolvedTo(ID))));
        assertSame(pod, pod.requireReified());
        assertEquals(
                "example.com/web:latest",
                pod.apps().getFirst().image().query().orElseThrow().toString());
        assertArrayEquals(pod.toBytes(), PodManifest.read(pod.toBytes()).toBytes());
    }

    @Test
    void c2_a_pod_may_wait_for_its_apps() {
        assertTrue(PodManifest.of().isReified());
        assertEquals(PodManifest.of(), PodManifest.read(PodManifest.of().toBytes()));
    }

    @Test
    void c3_no_pod_has_two_apps_of_one_name_however_it_is_made() {
        var app = RuntimeApp.of(WEB, RuntimeImage.of(ID));
        assertThrows(AestusException.class, () -> PodManifest.of(app, app));
    }

    @Test
    void c6_the_pods_app_replaces_the_images_as_a_whole() {
        var ofImage = App.running(List.of("/image"))
                .workingDirectory(AbsolutePath.parse("/srv"))
                .build();
        var ofPod = App.running(List.of("/pod")).build();
        var image = ImageManifest.named(AcIdentifier.parse("example.com/web"));
        var app = RuntimeApp.of(WEB, RuntimeImage.of(ID));
        assertEquals(ofImage, app.effective(image.withApp(ofImage)));
        assertEquals(
                AbsolutePath.ROOT,
                app.withApp(ofPod).effective(image.withApp(ofImage)).workingDirectory());
        var e = assertThrows(AestusException.class, () -> app.effective(image));
        assertEquals("cannot run web: neither the pod nor image example.com/web says how", e.message());
        var empty = image.withApp(ofImage.toBuilder().exec(List.of()).build());
        assertEquals(
                "cannot run web: app.exec is empty",
                assertThrows(AestusException.class, () -> app.effective(empty)).message());
    }

    @Test
    void h5_a_pods_annotations_count_before_the_images() {
        var ofPod = annotations("[{\"name\":\"a\",\"value\":\"pod\"}]");
        var ofImage = annotations("[{\"name\":\"a\",\"value\":\"image\"},{\"name\":\"b\",\"value\":\"image\"}]");
        assertEquals(
                annotations("[{\"name\":\"a\",\"value\":\"pod\"},{\"name\":\"b\",\"value\":\"image\"}]"),
                ofPod.over(ofImage));
    }

    @Test
    void a12_known_annotations_have_a_meaning() {
        var annotations = annotations("[{\"name\":\"created\",\"value\":\"2014-10-27T19:32:27Z\"},"
                + "{\"name\":\"appc.io/executor/supports-systemd-notify\",\"value\":\"1\"}]");
        assertEquals(Optional.of(Instant.parse("2014-10-27T19:32:27Z")), annotations.created());
        assertTrue(annotations.supportsSystemdNotify());
        assertFalse(Annotations.NONE.supportsSystemdNotify());
    }

    @Test
    void an_environment_grows_and_keeps_its_order() {
        var base = Environment.NONE.with("A", "1").with("B", "2").with("A", "3");
        assertEquals("[A=3, B=2]", base.variables().toString());
        assertEquals(
                "[A=3, B=9, C=4]",
                base.under(Environment.NONE.with("C", "4").with("B", "9"))
                        .variables()
                        .toString());
        assertThrows(AestusException.class, () -> base.with("A", "nul\0"));
    }

    @Test
    void i2_what_we_write_keeps_to_the_letter() {
        var strict = ImageManifest.named(AcIdentifier.parse("example.com/web"));
        assertSame(strict, strict.requireStrict());
        var loose = ImageManifest.read("""
                {"acKind": "ImageManifest", "acVersion": "0.9.0", "name": "example.com/a--b",
                 "labels": [{"name": "x..y", "value": ""}],
                 "dependencies": [{"imageName": "a//b"}],
                 "app": {"user": "0", "group": "0", "ports": [{"name": "p--q", "protocol": "tcp", "port": 1}],
                         "isolators": [{"name": "os/unix/sysctl", "value": {}},
                                       {"name": "os/linux/capabilities-retain-set", "value": {"set": []}}]}}
                """.getBytes(StandardCharsets.UTF_8));
        assertEquals(
                List.of(
                        "acVersion: is newer than 0.8.11",
                        "name: doubles a separator",
                        "labels[0].name: doubles a separator",
                        "dependencies[0].imageName: doubles a separator",
                        "app.exec: is empty",
                        "app.ports[0].name: doubles a hyphen",
                        "app.isolators[0]: os/unix/sysctl is for a whole pod",
                        "app.isolators[1].value.set: is empty"),
                loose.deviations());
        assertEquals(
                "cannot write image manifest: acVersion: is newer than 0.8.11",
                assertThrows(AestusException.class, loose::requireStrict).message());
    }

    private static Annotations annotations(String json) {
        return Annotations.read(JsonReader.read(json.getBytes(StandardCharsets.UTF_8), "test"));
    }
}
