package io.aestus.bench;

import com.sun.management.OperatingSystemMXBean;
import io.aestus.appc.AcName;
import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import io.aestus.executor.PodOptions;
import io.aestus.executor.PodSpec;
import io.aestus.executor.StopOptions;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Locale;

/** Five hundred idle pods: what they cost, and how long one waits for all of them. Argument: a directory to work in. */
final class ManyPods {
    private static final int PODS = 500;
    private static final AcName APP = new AcName("sleep");
    private static final Duration WATCHED = Duration.ofSeconds(10);
    private static final String CGROUP = "aestus-bench";

    private ManyPods() {}

    public static void main(String[] args) throws Exception {
        try (var node = BusyboxNode.open(Path.of(args[0]).toAbsolutePath().resolve("many"))) {
            var spec = PodSpec.of(PodManifest.of(node.app(APP, "/bin/sleep", "1000000")))
                    .withOptions(PodOptions.DEFAULT.withCgroupParent(CGROUP));
            long begin = System.nanoTime();
            var pods = new ArrayList<PodUuid>();
            for (int i = 0; i < PODS; i++) {
                pods.add(node.executor().run(spec));
            }
            System.out.println("| " + PODS + " idle pods | |");
            System.out.println("|---|---|");
            print("all started, one after the other", "%.2f s", (System.nanoTime() - begin) / 1e9);
            print("listed, median of 50", "%.2f ms", list(node));
            print(
                    "the process that looks after them, resident",
                    "%.1f MiB",
                    PodMemory.residentWithoutGarbage() / 1024.0);
            print("its share of one processor meanwhile", "%.2f %%", idle() * 100);
            begin = System.nanoTime();
            for (PodUuid pod : pods) {
                node.executor().stop(pod, StopOptions.NOW);
            }
            print("all stopped, one after the other", "%.2f s", (System.nanoTime() - begin) / 1e9);
            begin = System.nanoTime();
            pods.forEach(node.executor()::remove);
            print("all removed", "%.2f s", (System.nanoTime() - begin) / 1e9);
            System.out.println();
        }
    }

    private static void print(String what, String format, double value) {
        System.out.printf(Locale.ROOT, "| %s | " + format + " |%n", what, value);
    }

    private static double list(BusyboxNode node) {
        long[] nanos = new long[50];
        for (int i = 0; i < nanos.length; i++) {
            long begin = System.nanoTime();
            node.executor().list();
            nanos[i] = System.nanoTime() - begin;
        }
        Arrays.sort(nanos);
        return nanos[nanos.length / 2] / 1e6;
    }

    private static double idle() throws InterruptedException {
        var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long before = system.getProcessCpuTime();
        Thread.sleep(WATCHED);
        return (double) (system.getProcessCpuTime() - before) / WATCHED.toNanos();
    }
}
