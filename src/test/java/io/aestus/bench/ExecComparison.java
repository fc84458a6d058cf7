package io.aestus.bench;

import io.aestus.appc.AcName;
import io.aestus.appc.PodManifest;
import io.aestus.executor.ExecSpec;
import io.aestus.executor.PodOptions;
import io.aestus.executor.PodSpec;
import io.aestus.executor.StopOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * {@code true} in a container that runs: through the executor, and by {@code crun exec}. Arguments: a directory to work in, and
 * how many rounds.
 */
final class ExecComparison {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final AcName APP = new AcName("app");
    /** An agent that has been there for a while: a JVM compiles what it has done two hundred times. */
    private static final int WARM_UPS = 400;

    private ExecComparison() {}

    public static void main(String[] args) throws Exception {
        Path work = Files.createDirectories(Path.of(args[0]).toAbsolutePath().resolve("exec"));
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 200;
        try (var node = BusyboxNode.open(work.resolve("node"))) {
            var idle = PodSpec.of(PodManifest.of(node.app(APP, "/bin/sleep", "1000000")))
                    .withOptions(PodOptions.DEFAULT.withLife(PodOptions.Life.UNTIL_STOPPED));
            var pod = node.executor().run(idle);
            try (var bundle = new OciBundle(
                    "crun",
                    BusyboxImage.rootfs(work.resolve("rootfs")),
                    work.resolve("crun"),
                    List.of("/bin/sleep", "1000000"))) {
                String container = bundle.start();
                new SideBySide(Math.min(WARM_UPS, 2 * rounds), rounds)
                        .with("`crun exec`", () -> bundle.exec(container, "/bin/true"))
                        .with("executor", () -> {
                            long begin = System.nanoTime();
                            try (var process = node.executor().exec(pod, APP, ExecSpec.of(List.of("/bin/true")))) {
                                if (!process.waitFor(LIMIT).orElseThrow().isSuccess()) {
                                    throw new IOException("true failed");
                                }
                                return Duration.ofNanos(System.nanoTime() - begin);
                            }
                        })
                        .print("`true` in a container that runs");
            } finally {
                node.executor().stop(pod, StopOptions.NOW);
                node.executor().remove(pod);
            }
        }
    }
}
