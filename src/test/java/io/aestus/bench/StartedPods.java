package io.aestus.bench;

import io.aestus.appc.AcName;
import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import io.aestus.executor.LogQuery;
import io.aestus.executor.PodOptions;
import io.aestus.executor.PodSpec;
import io.aestus.executor.StopOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/** Pods of the executor, in this JVM: from the call to the first line of what runs in them, and from asking them to end until nothing is left. */
final class StartedPods {
    static final String LINE = "started";
    static final String SCRIPT = "trap 'exit 0' TERM; echo " + LINE + "; sleep 1000 & wait";

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final AcName APP = new AcName("app");

    private final BusyboxNode node;
    private final int spares;
    private final WatchedStage1 stage1;
    private final PodSpec spec;
    private final StageTable stages = new StageTable(List.of(
            "directory, records, keeper socket",
            "stage1: the pod and its network",
            "its record, the app's log and pipes",
            "stage1: the app",
            "its record; its first line, by its log"));
    private PodUuid last = PodUuid.random();

    StartedPods(BusyboxNode node, int spares, WatchedStage1 stage1, PodOptions options) {
        this.node = node;
        this.spares = spares;
        this.stage1 = stage1;
        this.spec = PodSpec.of(PodManifest.of(node.app(APP, "/bin/sh", "-c", SCRIPT)))
                .withOptions(options);
    }

    StageTable stages() {
        return stages;
    }

    /** From the call to its first line. */
    Duration start() throws InterruptedException {
        node.awaitSpares(spares);
        long begin = System.nanoTime();
        last = node.executor().run(spec);
        awaitLine();
        long end = System.nanoTime();
        stages.add(stage1.parts(begin, end));
        node.awaitSpares(spares); // lest the others run beside its making
        return Duration.ofNanos(end - begin);
    }

    /** From the call to its return, when the app's program runs. */
    Duration run() throws InterruptedException {
        node.awaitSpares(spares);
        long begin = System.nanoTime();
        last = node.executor().run(spec);
        long end = System.nanoTime();
        awaitLine();
        node.awaitSpares(spares);
        return Duration.ofNanos(end - begin);
    }

    private void awaitLine() throws InterruptedException {
        try (var log = node.executor().log(last, APP).read(LogQuery.all().following())) {
            String line = new String(log.next(LIMIT).orElseThrow().text(), StandardCharsets.UTF_8);
            if (!line.equals(LINE)) {
                throw new IllegalStateException("the app said " + line);
            }
        }
    }

    Duration end() {
        long begin = System.nanoTime();
        node.executor().stop(last, StopOptions.DEFAULT);
        node.executor().remove(last);
        return Duration.ofNanos(System.nanoTime() - begin);
    }
}
