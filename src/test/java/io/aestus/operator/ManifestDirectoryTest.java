package io.aestus.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.operator.v1alpha1.AppPod;
import io.aestus.operator.v1alpha1.AppPodStatus.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestDirectoryTest {
    private static final PodKey SHOP = new PodKey("default", "shop");
    private static final PodKey MAIL = new PodKey("default", "mail");

    @TempDir
    Path temporary;

    private Path manifests;
    private final LinkedBlockingQueue<PodKey> changed = new LinkedBlockingQueue<>();
    private ManifestDirectory source;

    @BeforeEach
    void open() throws IOException {
        manifests = Files.createDirectory(temporary.resolve("manifests"));
        source = opened(Duration.ofMinutes(10));
    }

    private ManifestDirectory opened(Duration interval) {
        return new ManifestDirectory(manifests, interval, "node-a", temporary.resolve("status"));
    }

    @AfterEach
    void close() {
        source.close();
    }

    private static String manifest(String name, String image) {
        return """
                apiVersion: aestus.io/v1alpha1
                kind: AppPod
                metadata: {name: %s}
                spec: {apps: [{name: web, image: {name: %s}}]}
                """.formatted(name, image);
    }

    /** As careful writers do it: at once. */
    private void write(String file, String text) throws IOException {
        Path next = Files.writeString(temporary.resolve("next"), text);
        Files.move(next, manifests.resolve(file), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private void await(PodKey key) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (true) {
            PodKey next = changed.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (next == null) {
                throw new AssertionError("nobody told of " + key);
            }
            if (next.equals(key)) {
                return;
            }
        }
    }

    @Test
    void files_that_are_there_are_known_after_the_start() throws IOException {
        write("shop.yaml", manifest("shop", "example.com/web"));
        write("more.yml", manifest("mail", "example.com/mail") + "---\n" + manifest("news", "example.com/news"));
        write("one.json", """
                {"apiVersion": "aestus.io/v1alpha1", "kind": "AppPod", "metadata": {"name": "json", "namespace": "team"},
                 "spec": {"apps": [{"name": "web", "image": {"name": "example.com/web"}}]}}
                """);
        write(".hidden.yaml", manifest("hidden", "example.com/web"));
        write("README.md", "no manifest");
        source.start(changed::add);
        var expected = Set.of(SHOP, MAIL, new PodKey("default", "news"), new PodKey("team", "json"));
        assertEquals(expected, source.keys());
        assertEquals(expected, new HashSet<>(changed));
        assertTrue(source.isComplete());
    }

    @Test
    void a_file_that_comes_changes_and_goes_is_told_of() throws IOException, InterruptedException {
        source.start(changed::add);
        write("shop.yaml", manifest("shop", "example.com/web"));
        await(SHOP);
        assertEquals(1, generation());
        write("shop.yaml", manifest("shop", "example.com/newer"));
        await(SHOP);
        assertEquals(2, generation());
        Files.delete(manifests.resolve("shop.yaml"));
        await(SHOP);
        assertTrue(source.find(SHOP).isEmpty());
        assertTrue(source.isComplete());
    }

    private long generation() {
        return source.find(SHOP).orElseThrow().getMetadata().getGeneration();
    }

    @Test
    void a_directory_that_cannot_be_watched_is_read_now_and_then() throws IOException, InterruptedException {
        source = opened(Duration.ofMillis(20));
        Files.delete(manifests);
        source.start(changed::add);
        assertFalse(source.isComplete(), "nobody knows what the missing directory would say");
        Files.createDirectory(manifests);
        write("shop.yaml", manifest("shop", "example.com/web"));
        await(SHOP);
        assertTrue(source.isComplete());
    }

    @Test
    void a_file_that_becomes_unreadable_still_says_what_it_said() throws IOException, InterruptedException {
        write("shop.yaml", manifest("shop", "example.com/web"));
        source.start(changed::add);
        write("shop.yaml", "apiVersion: aestus.io/v1alpha1\nkind: AppPod\nmetadata: {name: shop}\nspec: {apps: [{");
        write("mail.yaml", manifest("mail", "example.com/mail"));
        await(MAIL);
        assertTrue(source.find(SHOP).isPresent());
        assertTrue(source.isComplete(), "all that was there is known");
    }

    @Test
    void a_file_that_was_never_readable_keeps_everything_in_place() throws IOException {
        write("shop.yaml", "{");
        write("mail.yaml", manifest("mail", "example.com/mail"));
        source.start(changed::add);
        assertEquals(Set.of(MAIL), source.keys());
        assertFalse(source.isComplete());
    }

    @Test
    void pods_of_other_nodes_are_left_to_them() throws IOException {
        write("a.yaml", manifest("shop", "example.com/web").replace("spec: {", "spec: {nodeName: node-a, "));
        write("b.yaml", manifest("mail", "example.com/web").replace("spec: {", "spec: {nodeName: node-b, "));
        source.start(changed::add);
        assertEquals(Set.of(SHOP), source.keys());
    }

    @Test
    void of_two_files_with_one_pod_the_first_counts() throws IOException {
        write("a.yaml", manifest("shop", "example.com/first"));
        write("b.yaml", manifest("shop", "example.com/second"));
        source.start(changed::add);
        AppPod pod = source.find(SHOP).orElseThrow();
        assertEquals(
                "example.com/first", pod.getSpec().apps().getFirst().image().name());
    }

    @Test
    void a_pod_is_the_same_one_after_a_restart_of_the_agent() throws IOException {
        write("shop.yaml", manifest("shop", "example.com/web"));
        source.start(changed::add);
        var before = Ownership.of(source.name(), source.find(SHOP).orElseThrow());
        try (var next = opened(Duration.ofMinutes(10))) {
            next.start(changed::add);
            assertEquals(before, Ownership.of(next.name(), next.find(SHOP).orElseThrow()));
        }
    }

    @Test
    void status_survives_a_restart_of_the_agent_and_goes_with_the_pod() throws IOException {
        write("shop.yaml", manifest("shop", "example.com/web"));
        source.start(changed::add);
        AppPod pod = source.find(SHOP).orElseThrow();
        var status = new StatusReport(pod, Optional.empty(), _ -> Optional.empty(), _ -> true, Instant.EPOCH)
                .status(Phase.PENDING, "Resolving", Steps.resolving());
        source.report(pod, status);
        try (var next = opened(Duration.ofMinutes(10))) {
            next.start(changed::add);
            assertEquals(status, next.find(SHOP).orElseThrow().getStatus());
            next.release(SHOP);
            try (var left = Files.list(temporary.resolve("status"))) {
                assertEquals(List.of(), left.toList());
            }
        }
    }
}
