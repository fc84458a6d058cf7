package io.aestus.cri;

import io.aestus.aci.RawTar;
import io.aestus.bench.SideBySide;
import io.aestus.cri.v1.ImageSpec;
import io.aestus.cri.v1.PullImageRequest;
import io.aestus.cri.v1.RemoveImageRequest;
import io.aestus.fetch.DockerRegistry;
import io.aestus.oci.OciBuild;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;

/**
 * The agent beside containerd, asked through the same client to pull the same image of ten layers from a registry on this machine.
 * Before each turn the image is removed again, with all of its layers.
 *
 * <p>Arguments: containerd's socket, the agent's, a directory to work in.
 */
final class PullComparison {
    private static final int LAYERS = 10;
    private static final int SMALLEST_LAYER = 10 << 20;
    private static final int MORE_EACH = 2 << 20;
    private static final int LARGE_FILE = 4 << 20;
    private static final int SMALL_FILE = 12 << 10;
    private static final int WARM_UPS = 2;
    private static final int ROUNDS = 7;

    private PullComparison() {}

    public static void main(String[] args) throws Exception {
        Path work = Files.createDirectories(Path.of(args[2], "registry"));
        try (var registry = DockerRegistry.start(work);
                var containerd = new Peer(Path.of(args[0]), registry.name() + "/mixed:1");
                var aestus = new Peer(Path.of(args[1]), registry.name() + "/mixed:1")) {
            registry.push(image(), "mixed:1");
            new SideBySide(WARM_UPS, ROUNDS)
                    .with("containerd", containerd::take)
                    .with("aestus", aestus::take)
                    .print("PullImage of " + LAYERS + " layers, from a registry on this machine");
        }
    }

    /** Layers of 10 to 28 MB, uncompressed, of large and small files, of which about half cannot be compressed; always the same. */
    private static OciBuild image() {
        var build = new OciBuild().runs("\"Cmd\":[\"/bin/sh\"]");
        var random = new Random(1);
        for (int layer = 0; layer < LAYERS; layer++) {
            var tar = new RawTar().directory("layer" + layer);
            int left = SMALLEST_LAYER + layer * MORE_EACH;
            for (int file = 0; left > 0; file++) {
                int size = Math.min(left, file % 40 == 0 ? LARGE_FILE : random.nextInt(SMALL_FILE) + 1);
                String name = "layer" + layer + "/file" + file;
                tar.header(new RawTar.Header(name, '0', size)).padded(content(random, size, file % 2 == 0));
                left -= size;
            }
            build.layer(tar);
        }
        return build;
    }

    private static byte[] content(Random random, int size, boolean isText) {
        byte[] bytes = new byte[size];
        if (!isText) {
            random.nextBytes(bytes);
            return bytes;
        }
        byte[] words =
                "the quick brown fox jumps over a lazy dog and returns 0x1234;\n".getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < size; ) {
            int from = random.nextInt(words.length);
            int length = Math.min(Math.min(1 + random.nextInt(16), words.length - from), size - i);
            System.arraycopy(words, from, bytes, i, length);
            i += length;
        }
        return bytes;
    }

    /** One server of the interface. */
    private static final class Peer implements AutoCloseable {
        private final CriClient client;
        private final ImageSpec image;

        Peer(Path socket, String image) {
            this.client = new CriClient(socket);
            this.image = ImageSpec.newBuilder().setImage(image).build();
        }

        Duration take() {
            client.images.removeImage(
                    RemoveImageRequest.newBuilder().setImage(image).build());
            long begin = System.nanoTime();
            client.images.pullImage(
                    PullImageRequest.newBuilder().setImage(image).build());
            return Duration.ofNanos(System.nanoTime() - begin);
        }

        @Override
        public void close() throws InterruptedException {
            client.close();
        }
    }
}
