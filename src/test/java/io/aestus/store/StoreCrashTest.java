package io.aestus.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aestus.aci.Aci;
import io.aestus.aci.Compression;
import io.aestus.aci.RawTar;
import io.aestus.aci.RawTar.Header;
import io.aestus.appc.ImageId;
import io.aestus.oci.OciBuild;
import io.aestus.testing.PackedProgram;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A store whose work stops at the n-th step, for every n: by a failing disk, and by SIGKILL. */
class StoreCrashTest {
    @TempDir
    Path temp;

    /** Everything that changes the disk. */
    enum Script {
        /** A first image, the same again, one that forces a tree, a removal, a collection. */
        ARCHIVES {
            @Override
            void run(ImageStore store) throws IOException {
                StoredImage first = put(store, image("first"), List.of());
                put(store, image("first"), List.of("AB12"));
                StoredImage second = put(store, whitelisted(first.id()), List.of("AB12"));
                store.layers(second.id());
                store.remove(second.id());
                store.gc(Duration.ZERO, Set.of());
            }
        },
        /** An image of layers, the same again, one that shares them, takes its name and forces a tree, a removal, a collection. */
        LAYERS {
            @Override
            void run(ImageStore store) throws IOException {
                StoreForLayers.put(store, web(), "example.com/web:1");
                StoreForLayers.put(store, web(), "example.com/web:1", "example.com/web:latest");
                var more = web().layer(new RawTar().file("etc/more", "more"), Compression.ZSTD);
                StoredImage second = StoreForLayers.put(store, more, "example.com/web:latest");
                assertTrue(
                        store.layers(second.id())
                                .getFirst()
                                .startsWith(store.layout().rendered()),
                        "no tree was forced");
                store.remove(second.id());
                store.gc(Duration.ZERO, Set.of());
            }
        };

        abstract void run(ImageStore store) throws IOException;

        private static OciBuild web() {
            return new OciBuild()
                    .layer(new RawTar()
                            .header(new Header("etc", '5', 0).mode(0700))
                            .file("etc/conf", "conf")
                            .file("old", "old"))
                    .layer(new RawTar().file(".wh.old", "").file("bin/web", "web"));
        }

        private static StoredImage put(ImageStore store, Aci image, List<String> signers) throws IOException {
            return ImageStoreTest.put(store, image, ImageRecord.from("https://example.com/x.aci", signers));
        }

        static Aci image(String name) {
            return Aci.named("example.com/" + name).file("bin/" + name, name).file("etc/conf", "conf");
        }

        static Aci whitelisted(ImageId base) {
            return RenderingTest.on(image("second"), base, "/bin/first", "/bin/second");
        }
    }

    private static final class Stop implements Step.Observer {
        private int left;

        Stop(int after) {
            this.left = after;
        }

        @Override
        public void reached(Step step) throws IOException {
            if (left-- == 0) {
                throw new IOException("the disk failed after " + step);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_disk_that_fails_after_any_step_leaves_whole_images_or_none(Script script) throws IOException {
        requireRoot(script);
        int steps = 0;
        while (failsAfter(steps, script)) {
            steps++;
        }
        assertTrue(steps > 15, "only " + steps + " steps");
    }

    private static void requireRoot(Script script) {
        assumeTrue(
                script == Script.ARCHIVES || "root".equals(System.getProperty("user.name")),
                "only root makes marks for overlays");
    }

    /** Runs the script on a disk that fails then; false if the script ended before. */
    private boolean failsAfter(int steps, Script script) throws IOException {
        StoreLayout layout = StoreLayout.of(temp.resolve("failed" + steps));
        var disk = new Stop(steps);
        boolean hasFailed = false;
        try (ImageStore store = ImageStore.open(layout, Clock.systemUTC(), disk)) {
            script.run(store);
        } catch (IOException e) {
            assertTrue(disk.left < 0, () -> "not our failure: " + e);
            hasFailed = true;
        }
        checkAfterwards(layout, script);
        return hasFailed;
    }

    @ParameterizedTest
    @EnumSource
    void a_process_killed_after_any_step_leaves_whole_images_or_none(Script script)
            throws IOException, InterruptedException {
        requireRoot(script);
        boolean isDone = false;
        for (int steps = 0; !isDone; steps++) {
            Path node = temp.resolve("killed" + steps);
            isDone = runAndKill(node, steps, script);
            checkAfterwards(StoreLayout.of(node), script);
        }
    }

    /** Runs the script in a JVM of its own and kills it when it reports that step; true if it ended by itself. */
    private static boolean runAndKill(Path node, int steps, Script script) throws IOException, InterruptedException {
        var command = new ArrayList<>(PackedProgram.of(Child.class));
        command.addAll(List.of(node.toString(), Integer.toString(steps), script.name()));
        Process child = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var out = new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
            String said = out.readLine();
            child.destroyForcibly();
            assertTrue(child.waitFor(20, TimeUnit.SECONDS), "the child did not end");
            assertTrue(said != null, "the child failed before step " + steps);
            return said.equals("DONE");
        } finally {
            child.destroyForcibly();
        }
    }

    /** The child: works until it has reached a step, says so, and waits to be killed. */
    static final class Child {
        private Child() {}

        public static void main(String[] args) throws IOException {
            int[] left = {Integer.parseInt(args[1])};
            Step.Observer observer = step -> {
                if (left[0]-- == 0) {
                    System.out.println(step);
                    awaitDeath();
                }
            };
            try (ImageStore store = ImageStore.open(StoreLayout.of(Path.of(args[0])), Clock.systemUTC(), observer)) {
                Script.valueOf(args[2]).run(store);
            }
            System.out.println("DONE");
        }

        private static void awaitDeath() throws IOException {
            if (System.in.read() < 0) {
                throw new IOException("the parent is gone");
            }
        }
    }

    private static void checkAfterwards(StoreLayout layout, Script script) throws IOException {
        try (ImageStore store = ImageStore.open(layout)) {
            assertEquals(List.of(), ImageStoreTest.names(layout.staging()), "staging");
            assertEquals(
                    List.of(),
                    ImageStoreTest.names(layout.locks()).stream()
                            .filter(name -> name.startsWith("layer-"))
                            .toList(),
                    "turns of layers");
            var ids = new ArrayList<ImageId>();
            for (StoredImage image : store.list()) {
                assertEquals(List.of(), store.verify(image.id()).differences());
                ids.add(image.id());
            }
            assertEquals(
                    ids.stream().map(ImageId::toString).sorted().toList(),
                    ImageStoreTest.names(layout.images()),
                    "an image without its record");
            // All goes on as if nothing had happened.
            script.run(store);
            assertEquals(List.of(), store.list());
            assertEquals(List.of(), ImageStoreTest.names(layout.layers()));
            assertEquals(List.of(), ImageStoreTest.names(layout.references()));
            assertEquals(List.of(), ImageStoreTest.names(layout.blobs()));
            assertEquals(List.of(), ImageStoreTest.names(layout.rendered()));
            assertEquals(List.of(), ImageStoreTest.names(layout.staging()));
        }
    }
}
