package io.aestus.bench;

import com.sun.management.OperatingSystemMXBean;
import io.aestus.appc.AcName;
import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import io.aestus.executor.PodSpec;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * From the start of apps that write as fast as they can to the end of the last one, its last line being in its log: through the
 * executor, all of them by one JVM, and by one {@code conmon} for each. Argument: a directory to work in.
 */
final class LogComparison {
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final AcName APP = new AcName("app");
    private static final int MANY = 50;
    private static final long BYTES = 200_000_000;
    private static final String LINE = "0123456789".repeat(10);

    private LogComparison() {}

    public static void main(String[] args) throws Exception {
        Path work = Files.createDirectories(Path.of(args[0]).toAbsolutePath().resolve("logs"));
        try (var node = BusyboxNode.open(work.resolve("node"))) {
            var conmon = new Conmon(BusyboxImage.rootfs(work.resolve("rootfs")), work.resolve("conmon"));
            var ours = new Ours(node);
            for (int apps : List.of(1, MANY)) {
                new SideBySide(1, 5)
                        .with("`conmon`", () -> conmon.take(apps))
                        .with("executor", () -> ours.take(apps))
                        .print("%d MB of lines of %d app%s".formatted(BYTES / 1_000_000, apps, apps == 1 ? "" : "s"));
            }
            System.out.printf(
                    Locale.ROOT,
                    "The executor took %.1f s of processor time for each GB of them.%n%n",
                    ours.processorSeconds / (ours.bytes / 1e9));
        }
    }

    private static String script(int apps) {
        return "/bin/busybox yes " + LINE + " | /bin/busybox head -c " + BYTES / apps;
    }

    /** Pods of one app each. */
    private static final class Ours {
        private final BusyboxNode node;
        private double processorSeconds;
        private double bytes;

        Ours(BusyboxNode node) {
            this.node = node;
        }

        Duration take(int apps) throws InterruptedException {
            var spec = PodSpec.of(PodManifest.of(node.app(APP, "/bin/sh", "-c", script(apps))));
            double processor = processorSeconds();
            long begin = System.nanoTime();
            var pods = new ArrayList<PodUuid>();
            for (int i = 0; i < apps; i++) {
                pods.add(node.executor().run(spec));
            }
            for (PodUuid pod : pods) {
                if (!node.executor().waitFor(pod, APP, LIMIT).orElseThrow().isSuccess()) {
                    throw new IllegalStateException("an app failed");
                }
            }
            var took = Duration.ofNanos(System.nanoTime() - begin);
            processorSeconds += processorSeconds() - processor;
            bytes += BYTES;
            for (PodUuid pod : pods) {
                node.executor().waitFor(pod, LIMIT);
                node.executor().remove(pod);
            }
            return took;
        }

        private static double processorSeconds() {
            return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime() / 1e9;
        }
    }

    /** Containers of crun, each with a conmon that writes its log in the format of the Container Runtime Interface. */
    private static final class Conmon {
        private final Path rootfs;
        private final Path work;
        private int rounds;

        Conmon(Path rootfs, Path work) throws IOException {
            this.rootfs = rootfs;
            this.work = Files.createDirectories(work);
        }

        Duration take(int apps) throws IOException, InterruptedException {
            Path exits = Files.createDirectories(work.resolve("exits-" + rounds));
            var bundles = new ArrayList<OciBundle>();
            for (int i = 0; i < apps; i++) {
                bundles.add(new OciBundle(
                        "crun",
                        rootfs,
                        work.resolve("bundle-" + rounds + "-" + i),
                        List.of("/bin/sh", "-c", script(apps))));
            }
            rounds++;
            long begin = System.nanoTime();
            var names = new ArrayList<String>();
            for (OciBundle bundle : bundles) {
                names.add(bundle.startByConmon(exits));
            }
            for (String name : names) {
                while (!Files.exists(exits.resolve(name))) {
                    Thread.sleep(1);
                }
            }
            var took = Duration.ofNanos(System.nanoTime() - begin);
            for (OciBundle bundle : bundles) {
                bundle.close();
            }
            return took;
        }
    }
}
