package io.aestus.bench;

import io.aestus.appc.AcName;
import io.aestus.appc.PodManifest;
import io.aestus.executor.PodSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/**
 * Pods of {@code true}, one after the other, and what this process holds from time to time: neither memory nor descriptors may
 * grow. Arguments: a directory to work in, which should be in memory, and how many pods.
 */
final class Endurance {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final AcName APP = new AcName("true");
    private static final int LOOKS = 5;

    private Endurance() {}

    public static void main(String[] args) throws Exception {
        int pods = args.length > 1 ? Integer.parseInt(args[1]) : 10_000;
        try (var node = BusyboxNode.open(Path.of(args[0]).toAbsolutePath().resolve("endurance"))) {
            var spec = PodSpec.of(PodManifest.of(node.app(APP, "/bin/true")));
            System.out.println("| launches in a row | resident MiB | descriptors | threads |");
            System.out.println("|---|---|---|---|");
            for (int done = 1; done <= pods; done++) {
                var pod = node.executor().run(spec);
                if (node.executor().waitFor(pod, LIMIT).isEmpty()) {
                    throw new IllegalStateException("a pod goes on");
                }
                node.executor().remove(pod);
                if (done % (pods / LOOKS) == 0) {
                    print(done);
                }
            }
            System.out.println();
        }
    }

    private static void print(int done) throws IOException {
        try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
            System.out.printf(
                    Locale.ROOT,
                    "| %d | %.1f | %d | %d |%n",
                    done,
                    PodMemory.residentWithoutGarbage() / 1024.0,
                    descriptors.count(),
                    Thread.getAllStackTraces().size());
        }
    }
}
