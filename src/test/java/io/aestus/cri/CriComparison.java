package io.aestus.cri;

import com.google.protobuf.ByteString;
import io.aestus.bench.SideBySide;
import io.aestus.cri.CriPeer.Running;
import io.aestus.cri.v1.ContainerConfig;
import io.aestus.cri.v1.ContainerState;
import io.aestus.cri.v1.ContainerStatusRequest;
import io.aestus.cri.v1.ExecSyncRequest;
import io.aestus.cri.v1.ListContainersRequest;
import io.aestus.cri.v1.ListPodSandboxRequest;
import io.aestus.cri.v1.RemovePodSandboxRequest;
import io.aestus.cri.v1.StopPodSandboxRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * The agent beside containerd, asked through the same client for the same: sandboxes on one bridge network, containers of one
 * busybox.
 *
 * <p>Arguments: containerd's socket, the agent's, a directory to work in, the agent's process number.
 */
final class CriComparison {
    /** An agent that has been there for a while: a JVM compiles what it has done two hundred times. */
    private static final int FIRST_STARTS = 100;

    private static final int FIRST_EXECS = 400;
    private static final int FIRST_LISTS = 200;
    private static final int ROUNDS = 40;
    private static final int LISTS = 200;
    private static final int AT_ONCE = 100;
    private static final int MANY = 500;
    private static final int POLLED = 200;
    private static final Duration POLLING = Duration.ofSeconds(20);
    private static final long TICKS_A_SECOND = 100;

    private CriComparison() {}

    public static void main(String[] args) throws Exception {
        Path work = Path.of(args[2]);
        try (var containerd = new Peer("containerd", Path.of(args[0]), work);
                var aestus = new Peer("aestus", Path.of(args[1]), work)) {
            var starts = new SideBySide(FIRST_STARTS, ROUNDS);
            var execs = new SideBySide(FIRST_EXECS, ROUNDS);
            for (Peer peer : List.of(containerd, aestus)) {
                starts.with(peer.name, peer::takeStart);
                Running idle = peer.start();
                execs.with(peer.name, () -> peer.takeExec(idle));
            }
            starts.print("RunPodSandbox to a running container, on a bridge network");
            execs.print("ExecSync of `true`");
            containerd.removeAll();
            aestus.removeAll();
            var crowd = new SideBySide(0, 3);
            for (Peer peer : List.of(containerd, aestus)) {
                crowd.with(peer.name, peer::takeCrowd);
            }
            crowd.print(AT_ONCE + " pods started in parallel");
            aestus.startAll(POLLED);
            printPolling(aestus, Long.parseLong(args[3]));
            aestus.startAll(MANY - POLLED);
            printLists(aestus);
            aestus.removeAll();
        }
    }

    /** One server of the interface. */
    private static final class Peer implements AutoCloseable {
        private final CriPeer server;
        private final String name;
        private final CriClient client;
        private final AtomicInteger count = new AtomicInteger();

        Peer(String name, Path socket, Path work) throws IOException {
            this.server = new CriPeer(name, socket, work);
            this.name = name;
            this.client = server.client();
        }

        Running start() throws IOException {
            return server.start(
                    "pod-" + count.getAndIncrement(),
                    ContainerConfig.newBuilder().addAllCommand(List.of("/bin/sleep", "1000000")));
        }

        private void requireRunning(Running running) {
            var status = client.runtime
                    .containerStatus(ContainerStatusRequest.newBuilder()
                            .setContainerId(running.container())
                            .build())
                    .getStatus();
            if (status.getState() != ContainerState.CONTAINER_RUNNING) {
                throw new IllegalStateException(name + ": the container is " + status.getState());
            }
        }

        Duration takeStart() throws IOException {
            long begin = System.nanoTime();
            Running running = start();
            long end = System.nanoTime();
            requireRunning(running);
            remove(running.sandbox());
            return Duration.ofNanos(end - begin);
        }

        Duration takeExec(Running running) {
            long begin = System.nanoTime();
            var answer = client.runtime.execSync(ExecSyncRequest.newBuilder()
                    .setContainerId(running.container())
                    .addCmd("/bin/true")
                    .build());
            long end = System.nanoTime();
            if (answer.getExitCode() != 0 || !answer.getStderr().equals(ByteString.EMPTY)) {
                throw new IllegalStateException(name + ": true ended with " + answer);
            }
            return Duration.ofNanos(end - begin);
        }

        Duration takeCrowd() throws Exception {
            long begin = System.nanoTime();
            startAll(AT_ONCE);
            long end = System.nanoTime();
            removeAll();
            return Duration.ofNanos(end - begin);
        }

        void startAll(int pods) throws Exception {
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Callable<Running>> starts = new ArrayList<>();
                for (int i = 0; i < pods; i++) {
                    starts.add(this::start);
                }
                for (var started : threads.invokeAll(starts)) {
                    started.get();
                }
            }
        }

        private void remove(String sandbox) {
            client.runtime.stopPodSandbox(
                    StopPodSandboxRequest.newBuilder().setPodSandboxId(sandbox).build());
            client.runtime.removePodSandbox(RemovePodSandboxRequest.newBuilder()
                    .setPodSandboxId(sandbox)
                    .build());
        }

        void removeAll() {
            client.runtime
                    .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                    .getItemsList()
                    .forEach(sandbox -> remove(sandbox.getId()));
        }

        int list() {
            return client.runtime
                    .listContainers(ListContainersRequest.getDefaultInstance())
                    .getContainersCount();
        }

        /** What a kubelet does once a second. */
        void relist() {
            client.runtime.listPodSandbox(ListPodSandboxRequest.getDefaultInstance());
            list();
        }

        @Override
        public void close() throws InterruptedException {
            removeAll();
            server.close();
        }
    }

    private static void printPolling(Peer peer, long pid) throws IOException {
        poll(peer); // what 200 starts have left to be done, and to be compiled, is not asked for here
        long before = ticks(pid);
        long begin = System.nanoTime();
        poll(peer);
        double seconds = (System.nanoTime() - begin) / 1e9;
        double share = (ticks(pid) - before) / (double) TICKS_A_SECOND / seconds * 100;
        System.out.println("| the agent with " + POLLED + " pods, asked for its lists once a second | |");
        System.out.println("|---|---|");
        System.out.printf(Locale.ROOT, "| of one processor | %.1f %% |%n%n", share);
    }

    private static void poll(Peer peer) {
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < POLLING.toNanos()) {
            peer.relist();
            LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
        }
    }

    /** Processor time of a process and its threads, in the kernel's ticks. */
    private static long ticks(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }

    private static void printLists(Peer peer) {
        for (int i = 0; i < FIRST_LISTS; i++) {
            peer.list();
        }
        long[] nanos = new long[LISTS];
        for (int i = 0; i < nanos.length; i++) {
            long begin = System.nanoTime();
            if (peer.list() != MANY) {
                throw new IllegalStateException("there are not " + MANY + " containers");
            }
            nanos[i] = System.nanoTime() - begin;
        }
        Arrays.sort(nanos);
        System.out.println("| ListContainers of " + MANY + " | ms |");
        System.out.println("|---|---|");
        System.out.printf(Locale.ROOT, "| median | %.2f |%n", nanos[nanos.length / 2] / 1e6);
        System.out.printf(Locale.ROOT, "| 99th percentile | %.2f |%n%n", nanos[nanos.length * 99 / 100] / 1e6);
    }
}
