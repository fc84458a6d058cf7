package io.aestus.bench;

import io.aestus.executor.PodOptions;
import io.aestus.network.Connections;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A pod or container on a bridge network, made by the same plugins with the same configuration: from the call to the first line of
 * what runs in it, and from asking it to end until nothing is left of it. Others are whole commands, in the foreground; so is
 * {@code aestus run}, a JVM each time. With pods made ahead, as an agent keeps some, a pod is in its network before it is asked for; its
 * making is over before the round.
 *
 * <p>Arguments: a directory to work in, containerd's socket, our launcher, and how many rounds. In a network namespace of its
 * own, with its own {@code /etc/cni/net.d}.
 */
final class NetworkComparison {
    private static final String NETWORK = "bench";
    private static final int WARM_UPS = 20;

    private NetworkComparison() {}

    public static void main(String[] args) throws Exception {
        Path work = Files.createDirectories(Path.of(args[0]).toAbsolutePath().resolve("net"));
        int rounds = args.length > 3 ? Integer.parseInt(args[3]) : 40;
        Path rootfs = BusyboxImage.rootfs(work.resolve("rootfs"));
        var ctr = new StartedCommand(
                number -> containerd(args[1], number),
                number -> List.of("ctr", "-a", args[1], "task", "kill", "--signal=SIGTERM", name(number)),
                work.resolve("ctr.err"));
        var places = podman(work.resolve("podman"));
        var podman = new StartedCommand(
                number -> podman(places, rootfs, number),
                number -> words(places, "kill", "--signal=TERM", name(number)),
                work.resolve("podman.err"));
        var readyStage1 = new WatchedStage1();
        var freshStage1 = new WatchedStage1();
        try (var ready = BusyboxNode.open(work.resolve("ready"), 1, readyStage1::around);
                var fresh = BusyboxNode.open(work.resolve("fresh"), 0, freshStage1::around)) {
            var ahead = pods(ready, 1, readyStage1, NETWORK);
            var ours = pods(fresh, 0, freshStage1, NETWORK);
            var routed = pods(fresh, 0, freshStage1, "default");
            var command = new StartedCommand(
                    _ -> aestus(args[2], work.resolve("fresh/data"), fresh),
                    _ -> List.of(),
                    work.resolve("aestus.err"));
            int warmUps = Math.min(WARM_UPS, rounds);
            var starts = new SideBySide(warmUps, rounds)
                    .with("`ctr run --cni`", () -> ctr.start(StartedPods.LINE))
                    .with("`ctr`: end and removal", ctr::end);
            String obstacle = obstacle(podman);
            if (obstacle.isEmpty()) {
                starts.with("`podman run`", () -> podman.start(StartedPods.LINE))
                        .with("`podman`: end and removal", podman::end);
            }
            starts.with("executor, with a pod made ahead", ahead::start)
                    .with("executor, with a pod made ahead: end and removal", ahead::end)
                    .with("executor, with none", ours::start)
                    .with("executor, with none: end and removal", ours::end)
                    .with("executor, with none, in the built-in `default` with NAT", routed::start)
                    .with("executor, in `default`: end and removal", routed::end)
                    .with("`aestus run`", () -> command.start(StartedPods.LINE))
                    .with("`aestus run`: end and removal", command::end)
                    .print("a pod on a bridge network, until its first line");
            if (!obstacle.isEmpty()) {
                System.out.println("`podman run` cannot start here: " + obstacle + "\n");
            }
            ahead.stages().print("where the executor's time goes, with a pod made ahead", warmUps);
            ours.stages().print("and with none", warmUps);
            routed.stages().print("and with none, in `default`", warmUps);
        }
    }

    private static StartedPods pods(BusyboxNode node, int spares, WatchedStage1 stage1, String network) {
        return new StartedPods(node, spares, stage1, PodOptions.DEFAULT.withConnections(Connections.to(network)));
    }

    private static String name(int number) {
        return "bench" + number;
    }

    private static List<String> containerd(String socket, int number) {
        return words(
                List.of("ctr", "-a", socket, "run", "--rm", "--cni", "localhost/busybox:1", name(number)),
                "/bin/sh",
                "-c",
                StartedPods.SCRIPT);
    }

    private static List<String> podman(Path place) {
        return List.of(
                "podman",
                "--root=" + place.resolve("root"),
                "--runroot=" + place.resolve("run"),
                "--cgroup-manager=cgroupfs",
                "--runtime=crun");
    }

    /** It sets limits above our own unless it is told others. */
    private static List<String> podman(List<String> places, Path rootfs, int number) {
        return words(
                places,
                "run",
                "--rm",
                "--name=" + name(number),
                "--network=" + NETWORK,
                "--ulimit=nofile=1024:1024",
                "--ulimit=nproc=1000:1000",
                "--rootfs",
                rootfs.toString(),
                "/bin/sh",
                "-c",
                StartedPods.SCRIPT);
    }

    private static List<String> aestus(String launcher, Path data, BusyboxNode node) {
        return words(
                List.of(
                        launcher,
                        "--dir=" + data,
                        "run",
                        "--net=" + NETWORK,
                        node.image().toString(),
                        "--exec=/bin/sh",
                        "--"),
                "-c",
                StartedPods.SCRIPT);
    }

    private static List<String> words(List<String> command, String... more) {
        var words = new ArrayList<>(command);
        words.addAll(List.of(more));
        return words;
    }

    /** Why it does not start; nothing if it does. */
    private static String obstacle(StartedCommand command) throws InterruptedException {
        try {
            command.start(StartedPods.LINE);
            command.end();
            return "";
        } catch (IOException e) {
            return String.valueOf(e.getMessage()).strip();
        }
    }
}
