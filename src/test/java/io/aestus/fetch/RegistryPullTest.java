package io.aestus.fetch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.aci.RawTar;
import io.aestus.oci.Digest;
import io.aestus.oci.OciBuild;
import io.aestus.oci.OciReference;
import io.aestus.store.OciImages;
import io.aestus.store.StoredImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** OCI images from a registry, honest or not. */
class RegistryPullTest extends PullsFromRegistry {
    @Test
    void an_image_comes_by_its_tag_and_stays_by_its_digest() throws IOException {
        registry = TestRegistry.open().push("web", "1", web());
        StoredImage image = pull(web("1"));
        assertEquals(OciImages.idOf(web().config()), image.id());
        assertEquals(
                List.of(web("1"), registry.name() + "/web@" + web().descriptor().digest()),
                image.references().stream().map(Object::toString).toList());
        assertEquals(List.of(), store.verify(image.id()).differences());
        assertEquals(3, store.layers(image.id()).size());
        int asked = registry.server.requests().size();
        assertEquals(image.id(), pull(web("1")).id());
        assertEquals(asked + 1, registry.server.requests().size(), "only the tag is asked for again");
        String pinned = registry.name() + "/web@" + web().descriptor().digest();
        StoredImage same = fetcher().fetch(ImageReference.parse("docker://" + pinned), Fast.POLICY, Progress.NONE);
        assertEquals(image.id(), same.id());
        assertEquals(asked + 1, registry.server.requests().size(), "a digest is asked for once");
    }

    /** Two images with a layer in common, each pulled twice at once, from a registry that answers when all have asked. */
    @Test
    void what_several_want_at_once_is_fetched_once() throws Exception {
        var more = web().layer(new RawTar().file("more", "more"));
        registry = TestRegistry.open().push("web", "1", web()).push("web", "2", more);
        var asked = new CountDownLatch(4);
        for (String tag : List.of("1", "2")) {
            byte[] manifest = (tag.equals("1") ? web() : more).manifest().toBytes();
            registry.server.on("/v2/web/manifests/" + tag, exchange -> {
                asked.countDown();
                try {
                    assertTrue(asked.await(60, TimeUnit.SECONDS), "not all have asked");
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                TestServer.send(exchange, 200, manifest);
            });
        }
        try (var threads =
                Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
            List<Future<StoredImage>> pulls = Stream.of("1", "2", "1", "2")
                    .map(tag -> threads.submit(() -> pull(web(tag))))
                    .toList();
            for (int i = 0; i < pulls.size(); i++) {
                assertEquals(
                        OciImages.idOf((i % 2 == 0 ? web() : more).config()),
                        pulls.get(i).get().id());
            }
        }
        for (var layer : more.manifest().layers()) {
            assertEquals(1, registry.asked(layer.digest().toString()).size(), "requests for a layer");
        }
        nothingIsLeft();
    }

    @Test
    void a_layer_that_somebody_else_could_not_bring_is_fetched_by_who_waited() throws Exception {
        registry = TestRegistry.open().push("web", "1", web());
        Digest first = web().diffIds().getFirst();
        try (var threads =
                Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
            Future<StoredImage> waiting;
            try (var _ = store.oci().turns(web().diffIds(), Duration.ZERO)) {
                waiting = threads.submit(() -> pull(web("1")));
                long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
                while (registry.asked("/blobs/").isEmpty()) { // of the configuration
                    assertTrue(System.nanoTime() < limit, "it never began");
                    Thread.onSpinWait();
                }
                assertTrue(store.oci().pin(first).isEmpty());
                assertTrue(!waiting.isDone());
            }
            assertEquals(OciImages.idOf(web().config()), waiting.get().id());
        }
        nothingIsLeft();
    }

    @Test
    void an_interrupted_pull_leaves_nothing() throws Exception {
        registry = TestRegistry.open().push("web", "1", web());
        var layer = web().manifest().layers().get(1);
        byte[] bytes = web().contents().get(layer.digest());
        var isHalfSent = new CountDownLatch(1);
        var isOver = new CountDownLatch(1);
        registry.blob("web", layer.digest(), _ -> exchange -> {
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes, 0, bytes.length / 2);
            exchange.getResponseBody().flush();
            isHalfSent.countDown();
            try {
                isOver.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        });
        var failure = new AtomicReference<Throwable>();
        Thread pulling = Thread.ofPlatform().start(() -> {
            try {
                fetcher()
                        .pull(
                                OciReference.parse(web("1")),
                                Fast.POLICY.within(Fast.IMPATIENT).allowing(Insecure.IMAGE),
                                Optional.empty(),
                                Progress.NONE);
            } catch (AestusException e) {
                failure.set(e);
            }
        });
        assertTrue(isHalfSent.await(60, TimeUnit.SECONDS), "nobody asked for the layer");
        pulling.interrupt();
        pulling.join(TimeUnit.SECONDS.toMillis(60));
        assertTrue(!pulling.isAlive(), "it goes on");
        isOver.countDown();
        assertTrue(failure.get() != null, "it came to an end");
        assertEquals(List.of(), store.list());
        nothingIsLeft();
    }

    @Test
    void a_token_for_the_registry_itself_is_shown_as_it_is() throws IOException {
        registry = TestRegistry.open(TestRegistry.Access.TOKEN).push("web", "1", web());
        assertEquals(
                OciImages.idOf(web().config()),
                pull(web("1"), Optional.of(new RegistryLogin.RegistryToken(TestRegistry.TOKEN)))
                        .id());
        assertEquals(List.of(), registry.server.requestsFor("/token"));
    }

    @Test
    void a_layer_that_is_here_is_not_fetched_again() throws IOException {
        registry = TestRegistry.open().push("web", "1", web());
        pull(web("1"));
        registry.push("web", "2", web().layer(new RawTar().file("more", "more")));
        int blobs = registry.asked("/blobs/").size();
        pull(web("2"));
        assertEquals(blobs + 2, registry.asked("/blobs/").size(), "a configuration and a layer");
    }

    @Test
    void of_several_machines_this_one_counts() throws IOException {
        registry = TestRegistry.open().push("web", "amd", web());
        var other = web().on("linux", "s390x");
        registry.push("web", "s390x", other);
        String index = "{\"schemaVersion\":2,\"manifests\":[" + entry(other, "s390x", "") + ","
                + entry(web(), System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64", "") + "]}";
        registry.manifest("web", "all", index.getBytes(UTF_8));
        StoredImage image = pull(web("all"));
        assertEquals(OciImages.idOf(web().config()), image.id());
        assertTrue(image.references()
                .contains(OciReference.parse(registry.name() + "/web@" + Digest.sha256(index.getBytes(UTF_8)))));
        registry.manifest(
                "web",
                "none",
                ("{\"schemaVersion\":2,\"manifests\":[" + entry(other, "s390x", "") + "]}").getBytes(UTF_8));
        var refusal = assertThrows(AestusException.class, () -> pull(web("none")));
        assertEquals(Problem.UNSUPPORTED, refusal.problem());
        assertTrue(refusal.message().contains("but linux/s390x"), refusal.message());
    }

    private static String entry(OciBuild image, String architecture, String variant) {
        return "{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\""
                + image.descriptor().digest() + "\",\"size\":"
                + image.descriptor().size()
                + ",\"platform\":{\"os\":\"linux\",\"architecture\":\"" + architecture + "\"" + variant + "}}";
    }

    @ParameterizedTest
    @EnumSource(TestRegistry.Access.class)
    void a_registry_is_convinced_in_its_own_way(TestRegistry.Access access) throws IOException {
        registry = TestRegistry.open(access).push("web", "1", web());
        RegistryLogin login = access == TestRegistry.Access.IDENTITY
                ? new RegistryLogin.IdentityToken("identity of me")
                : new RegistryLogin.Password(TestRegistry.USER, TestRegistry.PASSWORD);
        assertEquals(
                OciImages.idOf(web().config()),
                pull(web("1"), Optional.of(login)).id());
        if (access != TestRegistry.Access.ANYBODY) {
            store.remove(OciImages.idOf(web().config()));
            var refusal = refused(web("1"), Problem.DENIED, "the server answers 401");
            assertTrue(!refusal.message().contains(TestRegistry.PASSWORD));
        }
    }

    @Test
    void credentials_of_auth_d_are_for_their_registry() throws IOException {
        registry = TestRegistry.open(TestRegistry.Access.TOKEN).push("web", "1", web());
        Path auth = Files.createDirectories(temp.resolve("config/auth.d"));
        Files.writeString(
                auth.resolve("a.json"), """
                {"rktKind": "dockerAuth", "rktVersion": "v1", "registries": ["%s"],
                 "credentials": {"user": "%s", "password": "%s"}}
                """.formatted(registry.name(), TestRegistry.USER, TestRegistry.PASSWORD));
        assertEquals(OciImages.idOf(web().config()), pull(web("1")).id());
    }

    @Test
    void a_tag_is_used_only_where_images_need_no_signature() throws IOException {
        registry = TestRegistry.open().push("web", "1", web());
        var refusal = assertThrows(AestusException.class, () -> fetcher()
                .fetch(ImageReference.parse("docker://" + web("1")), Fast.POLICY, Progress.NONE));
        assertEquals(Problem.UNTRUSTED, refusal.problem());
        assertEquals(List.of(), registry.server.requests());
        String pinned = registry.name() + "/web@" + web().descriptor().digest();
        assertEquals(
                OciImages.idOf(web().config()),
                fetcher()
                        .fetch(ImageReference.parse("docker:" + pinned), Fast.POLICY, Progress.NONE)
                        .id());
    }

    @Test
    void a_registry_that_lies_is_refused() throws IOException {
        registry = TestRegistry.open().push("web", "1", web());
        byte[] manifest = web().manifest().toBytes();
        var layer = web().manifest().layers().get(1);
        byte[] good = web().contents().get(layer.digest());
        byte[] other = good.clone();
        other[other.length / 2] ^= 1;
        registry.blob("web", layer.digest(), other);
        refused(web("1"), Problem.CORRUPT, "");
        registry.blob("web", layer.digest(), java.util.Arrays.copyOf(good, good.length + 1));
        refused(web("1"), Problem.CORRUPT, "more than the " + good.length + " bytes");
        registry.blob("web", layer.digest(), java.util.Arrays.copyOf(good, good.length - 1));
        refused(web("1"), Problem.CORRUPT, "");
        registry.blob("web", layer.digest(), good);
        var config = web().manifest().config();
        registry.blob(
                "web", config.digest(), web().runs("\"Cmd\":[\"/bin/sh2\"]").config());
        refused(web("1"), Problem.CORRUPT, "cannot use " + config.digest().abbreviated());
        registry.push("web", "1", web());
        registry.server.on("/v2/web/manifests/1", exchange -> {
            exchange.getResponseHeaders().set("Docker-Content-Digest", "sha256:" + "0".repeat(64));
            TestServer.send(exchange, 200, manifest);
        });
        refused(web("1"), Problem.CORRUPT, "cannot use sha256:000000000000");
        registry.server.on(
                "/v2/web/manifests/" + web().descriptor().digest(),
                exchange -> TestServer.send(
                        exchange, 200, web().layer(new RawTar()).manifest().toBytes()));
        refused(registry.name() + "/web@" + web().descriptor().digest(), Problem.CORRUPT, "its digest is");
    }

    @Test
    void files_that_are_not_those_of_the_configuration_are_refused() throws IOException {
        var honest = new OciBuild().layer(new RawTar().file("a", "a"));
        var evil = new OciBuild().layer(new RawTar().file("a", "b"));
        byte[] manifest = new io.aestus.oci.OciManifest(
                        honest.manifest().config(), evil.manifest().layers())
                .toBytes();
        registry = TestRegistry.open().push("web", "honest", honest).push("web", "evil", evil);
        registry.manifest("web", "1", manifest);
        refused(web("1"), Problem.CORRUPT, "its files have the digest");
        byte[] fewer = new io.aestus.oci.OciManifest(honest.manifest().config(), List.of()).toBytes();
        registry.manifest("web", "2", fewer);
        refused(web("2"), Problem.CORRUPT, "its manifest has 0 layers, its configuration 1");
    }

    @Test
    void what_nobody_has_is_not_found() throws IOException {
        registry = TestRegistry.open();
        refused(web("1"), Problem.NOT_FOUND, "does not have it");
    }

    @Test
    void mirrors_are_asked_in_their_order_and_the_registry_last() throws IOException {
        registry = TestRegistry.open().push("library/web", "1", web());
        try (var mirror = TestRegistry.open()) {
            hosts("docker.io", """
                    # mirrors
                    server = "http://%s"

                    [host."http://%s"]
                      capabilities = ["pull", "resolve"] # both
                      [host."http://%s".header]
                        X-Test = ["a", "b"]
                    """.formatted(registry.name(), mirror.name(), mirror.name()));
            assertEquals(OciImages.idOf(web().config()), pull("web:1").id());
            assertEquals(1, mirror.asked("/v2/library/web/manifests/1").size());
            var asked = mirror.asked("/v2/library/web/manifests/1").getFirst();
            assertEquals("ns=docker.io", asked.uri().getQuery());
            assertEquals("a, b", asked.header("x-test"));
            mirror.push("library/web", "1", web().runs("\"Cmd\":[\"mirrored\"]"));
            int before = registry.server.requests().size();
            assertEquals(
                    List.of("mirrored"),
                    pull("web:1").manifest().app().orElseThrow().exec());
            assertEquals(before, registry.server.requests().size());
        }
    }

    @Test
    void a_connection_that_breaks_is_taken_up_again() throws IOException {
        registry = TestRegistry.open().push("web", "1", web());
        var layer = web().manifest().layers().get(1);
        byte[] bytes = web().contents().get(layer.digest());
        var content = new TestContent(bytes, "\"x\"");
        registry.blob("web", layer.digest(), _ -> content);
        content.cutting(body -> body == 0 ? bytes.length / 2 : Integer.MAX_VALUE);
        assertEquals(OciImages.idOf(web().config()), pull(web("1")).id());
    }
}
