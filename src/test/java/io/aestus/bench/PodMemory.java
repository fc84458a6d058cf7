package io.aestus.bench;

import io.aestus.appc.AcName;
import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import io.aestus.executor.PodOptions;
import io.aestus.executor.PodSpec;
import io.aestus.executor.PodState;
import io.aestus.executor.PodStatus;
import io.aestus.executor.StopOptions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a pod costs that does nothing, its app apart: the memory of its first process, and what the process that looks after it
 * needs more than without. Argument: a directory to work in.
 */
final class PodMemory {
    private static final int PODS = 50;
    private static final AcName APP = new AcName("sleep");
    private static final String CGROUP = "aestus-bench";

    private PodMemory() {}

    public static void main(String[] args) throws Exception {
        try (var node = BusyboxNode.open(Path.of(args[0]).toAbsolutePath().resolve("memory"))) {
            var spec = PodSpec.of(PodManifest.of(node.app(APP, "/bin/sleep", "1000000")))
                    .withOptions(PodOptions.DEFAULT.withCgroupParent(CGROUP));
            removeAll(node, run(node, spec)); // all code and threads are there from here on
            long resident = residentWithoutGarbage();
            List<PodUuid> pods = run(node, spec);
            long residentGrowth = residentWithoutGarbage() - resident;
            List<PodStatus> states = pods.stream().map(node.executor()::status).toList();
            long firstPrivate = 0;
            long firstResident = 0;
            for (PodStatus pod : states) {
                if (!(pod.state() instanceof PodState.Running running)) {
                    throw new IllegalStateException("a pod does not run: " + pod.state());
                }
                firstPrivate += kilobytes(Long.toString(running.pid()), "Pss");
                firstResident += kilobytes(Long.toString(running.pid()), "Rss");
            }
            removeAll(node, pods);
            System.out.println("| one of " + PODS + " idle pods, without its app | KiB |");
            System.out.println("|---|---|");
            print("first process, resident", firstResident);
            print("first process, its share (PSS)", firstPrivate);
            print("that process, resident, from one collection to the next", residentGrowth);
            System.out.println();
            System.out.println("Goal: less than 200 KB resident.");
            System.out.println();
        }
    }

    private static List<PodUuid> run(BusyboxNode node, PodSpec spec) {
        var pods = new ArrayList<PodUuid>();
        for (int i = 0; i < PODS; i++) {
            pods.add(node.executor().run(spec));
        }
        return pods;
    }

    private static void removeAll(BusyboxNode node, List<PodUuid> pods) {
        for (PodUuid pod : pods) {
            node.executor().stop(pod, StopOptions.NOW);
            node.executor().remove(pod);
        }
    }

    private static void print(String what, long kilobytes) {
        System.out.printf(Locale.ROOT, "| %s | %.1f |%n", what, (double) kilobytes / PODS);
    }

    /** What this process holds when no garbage is left, in KiB. */
    static long residentWithoutGarbage() throws IOException {
        for (int i = 0; i < 3; i++) { // what one collection finds dead, only a later one frees
            ManagementFactory.getMemoryMXBean().gc();
        }
        return kilobytes("self", "Rss");
    }

    private static long kilobytes(String process, String field) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc", process, "smaps_rollup"))) {
            if (line.startsWith(field + ":")) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        throw new IOException("no " + field + " of process " + process);
    }
}
