package io.aestus.bench;

import io.aestus.appc.AcName;
import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import io.aestus.executor.ExitStatus;
import io.aestus.executor.PodSpec;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * From nothing to the exit status of {@code true}, in a new pod or container each time: through the executor, by other
 * runtimes' commands, and by {@code floor.c}, which asks the kernel for the same as the executor and does nothing else.
 *
 * <p>The executor gives more than the others do here: a first process beside the app's, a user namespace of its own with
 * id-mapped layers, a writable overlay, an own {@code /etc}, a seccomp filter, logs and records on disk. With a pod made ahead,
 * as an agent keeps some, its making is not in the time: it is over before the round, and the next one is made before anybody else's turn. The others' commands
 * remove their container before they end; the executor's removal, and floor's, are rows of their own.
 *
 * <p>Arguments: a directory to work in, for all contestants, the program made of {@code floor.c}, and how many rounds. The directory
 * should be in memory: an ext4 without a journal looks at every inode that was deleted in the last minute before it gives out
 * one, and would be all that is measured after some hundred rounds.
 */
final class LaunchComparison {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final AcName APP = new AcName("true");
    /** An agent that has been there for a while: a JVM compiles what it has done two hundred times. */
    private static final int WARM_UPS = 400;

    private LaunchComparison() {}

    public static void main(String[] args) throws Exception {
        Path work = Files.createDirectories(Path.of(args[0]).toAbsolutePath().resolve("launch"));
        int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 200;
        Path rootfs = BusyboxImage.rootfs(work.resolve("rootfs"));
        var readyStage1 = new WatchedStage1();
        var freshStage1 = new WatchedStage1();
        try (var ready = BusyboxNode.open(work.resolve("ready"), 1, readyStage1::around);
                var fresh = BusyboxNode.open(work.resolve("fresh"), 0, freshStage1::around);
                var floor = new Floor(Path.of(args[1]), rootfs, Files.createDirectories(work.resolve("floor")));
                var crun = new OciBundle("crun", rootfs, work.resolve("crun"), List.of("/bin/true"));
                var runc = new OciBundle("runc", rootfs, work.resolve("runc"), List.of("/bin/true"))) {
            var ahead = new Ours(ready, 1, readyStage1);
            var ours = new Ours(fresh, 0, freshStage1);
            int warmUps = Math.min(WARM_UPS, 2 * rounds);
            new SideBySide(warmUps, rounds)
                    .with("`crun run`", crun::run)
                    .with("`runc run`", runc::run)
                    .with("executor, with a pod made ahead: run to exit status", ahead::run)
                    .with("executor, with none", ours::run)
                    .with("floor: the same", floor::run)
                    .with("executor: removal", ahead::remove)
                    .with("executor, with none: removal", ours::remove)
                    .with("floor: removal", floor::removal)
                    .print("`true` in a new pod or container");
            ahead.stages.print("where the executor's time goes, with a pod made ahead", warmUps);
            ours.stages.print("and with none", warmUps);
            floor.stages.print("where the floor's time goes", warmUps);
        }
    }

    /** Pods of the executor, in this JVM. */
    private static final class Ours {
        private final BusyboxNode node;
        private final int spares;
        private final WatchedStage1 stage1;
        private final PodSpec spec;
        private final StageTable stages = new StageTable(List.of(
                "directory, records, keeper socket",
                "stage1: the pod",
                "its record, the app's log and pipes",
                "stage1: the app",
                "its record; it runs, ends and is told of; the last of its log"));
        private PodUuid last = PodUuid.random();

        Ours(BusyboxNode node, int spares, WatchedStage1 stage1) {
            this.node = node;
            this.spares = spares;
            this.stage1 = stage1;
            this.spec = PodSpec.of(PodManifest.of(node.app(APP, "/bin/true")));
        }

        Duration run() throws InterruptedException {
            node.awaitSpares(spares);
            long begin = System.nanoTime();
            last = node.executor().run(spec);
            ExitStatus status = node.executor().waitFor(last, APP, LIMIT).orElseThrow();
            long end = System.nanoTime();
            if (!status.isSuccess()) {
                throw new IllegalStateException("true ended with " + status.message());
            }
            if (node.executor().waitFor(last, LIMIT).isEmpty()) {
                throw new IllegalStateException("the pod goes on after its app");
            }
            stages.add(stage1.parts(begin, end));
            node.awaitSpares(spares); // lest the others run beside its making
            return Duration.ofNanos(end - begin);
        }

        Duration remove() {
            long begin = System.nanoTime();
            node.executor().remove(last);
            return Duration.ofNanos(System.nanoTime() - begin);
        }
    }

    /**
     * The same by nothing but system calls: a process that names its stages, then does one round for each line it is sent and
     * says what each stage took. The last one is the removal.
     */
    private static final class Floor implements AutoCloseable {
        private final Process process;
        private final BufferedWriter in;
        private final BufferedReader out;
        private final StageTable stages;
        private long removal;

        Floor(Path program, Path rootfs, Path work) throws IOException {
            process = new ProcessBuilder(program.toString(), rootfs.toString(), work.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            in = process.outputWriter(StandardCharsets.US_ASCII);
            out = process.inputReader(StandardCharsets.US_ASCII);
            stages = new StageTable(List.of(line()));
        }

        private String[] line() throws IOException {
            String line = out.readLine();
            if (line == null) {
                throw new IOException("floor has ended");
            }
            return line.split("\t", -1);
        }

        Duration run() throws IOException {
            in.write('\n');
            in.flush();
            long[] nanos = Stream.of(line()).mapToLong(Long::parseLong).toArray();
            stages.add(nanos);
            removal = nanos[nanos.length - 1];
            return Duration.ofNanos(LongStream.of(nanos).limit(nanos.length - 1).sum());
        }

        Duration removal() {
            return Duration.ofNanos(removal);
        }

        @Override
        public void close() throws IOException {
            in.close();
            process.onExit().join();
        }
    }
}
