package io.aestus.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.aci.Aci;
import io.aestus.appc.ImageId;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store whose work stops at the n-th step, for every n: by a failing disk, and by SIGKILL. */
class StoreCrashTest {
    @TempDir
    Path temp;

    /** Everything that changes the disk: a first image, the same again, one that forces a tree, a removal, a collection. */
    static final class Script {
        private Script() {}

        static void run(ImageStore store) throws IOException {
            StoredImage first = put(store, image("first"), List.of());
            put(store, image("first"), List.of("AB12"));
            StoredImage second = put(store, whitelisted(first.id()), List.of("AB12"));
            store.layers(second.id());
            store.remove(second.id());
            store.gc(Duration.ZERO, Set.of());
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

    @Test
    void a_disk_that_fails_after_any_step_leaves_whole_images_or_none() throws IOException {
        int steps = 0;
        while (failsAfter(steps)) {
            steps++;
        }
        assertTrue(steps > 15, "only " + steps + " steps");
    }

    /** Runs the script on a disk that fails then; false if the script ended before. */
    private boolean failsAfter(int steps) throws IOException {
        StoreLayout layout = StoreLayout.of(temp.resolve("failed" + steps));
        var disk = new Stop(steps);
        boolean hasFailed = false;
        try (ImageStore store = ImageStore.open(layout, Clock.systemUTC(), disk)) {
            Script.run(store);
        } catch (IOException e) {
            assertTrue(disk.left < 0, () -> "not our failure: " + e);
            hasFailed = true;
        }
        checkAfterwards(layout);
        return hasFailed;
    }

    @Test
    void a_process_killed_after_any_step_leaves_whole_images_or_none() throws IOException, InterruptedException {
        boolean isDone = false;
        for (int steps = 0; !isDone; steps++) {
            Path node = temp.resolve("killed" + steps);
            isDone = runAndKill(node, steps);
            checkAfterwards(StoreLayout.of(node));
        }
    }

    /** Runs the script in a JVM of its own and kills it when it reports that step; true if it ended by itself. */
    private static boolean runAndKill(Path node, int steps) throws IOException, InterruptedException {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        node.toString(),
                        Integer.toString(steps))
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
                Script.run(store);
            }
            System.out.println("DONE");
        }

        private static void awaitDeath() throws IOException {
            if (System.in.read() < 0) {
                throw new IOException("the parent is gone");
            }
        }
    }

    private static void checkAfterwards(StoreLayout layout) throws IOException {
        try (ImageStore store = ImageStore.open(layout)) {
            assertEquals(List.of(), ImageStoreTest.names(layout.staging()), "staging");
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
            Script.run(store);
            assertEquals(List.of(), store.list());
            assertEquals(List.of(), ImageStoreTest.names(layout.blobs()));
            assertEquals(List.of(), ImageStoreTest.names(layout.rendered()));
            assertEquals(List.of(), ImageStoreTest.names(layout.staging()));
        }
    }
}
