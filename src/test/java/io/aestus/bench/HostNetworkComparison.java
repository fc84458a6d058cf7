package io.aestus.bench;

import io.aestus.executor.PodOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A pod or container in the network of the host, beside {@code crun run} as a whole command: from the call until its program runs,
 * which is when a command that leaves it in the background returns, and until the first line of what runs in it. With pods made ahead, as an agent keeps some, their making is over before the round.
 *
 * <p>Arguments: a directory to work in, for all contestants, and how many rounds.
 */
final class HostNetworkComparison {
    private static final int WARM_UPS = 400;

    private HostNetworkComparison() {}

    public static void main(String[] args) throws Exception {
        Path work = Files.createDirectories(Path.of(args[0]).toAbsolutePath().resolve("host"));
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 200;
        Path rootfs = BusyboxImage.rootfs(work.resolve("rootfs"));
        var options = PodOptions.DEFAULT.withNetwork(PodOptions.NetworkMode.HOST);
        var readyStage1 = new WatchedStage1();
        var freshStage1 = new WatchedStage1();
        try (var ready = BusyboxNode.open(work.resolve("ready"), 1, readyStage1::around);
                var fresh = BusyboxNode.open(work.resolve("fresh"), 0, freshStage1::around);
                var bundle = new OciBundle(
                        "crun", rootfs, work.resolve("crun"), List.of("/bin/sh", "-c", StartedPods.SCRIPT))) {
            bundle.useHostNetwork();
            var crun = new StartedCommand(_ -> bundle.running(), _ -> bundle.ending("TERM"), work.resolve("crun.err"));
            var ahead = new StartedPods(ready, 1, readyStage1, options);
            var ours = new StartedPods(fresh, 0, freshStage1, options);
            int warmUps = Math.min(WARM_UPS, 2 * rounds);
            new SideBySide(warmUps, rounds)
                    .with("`crun run --detach`", bundle::startDetached)
                    .with("`crun delete --force`", bundle::remove)
                    .with("executor, with a pod made ahead", ahead::run)
                    .with("executor, with a pod made ahead: end and removal", ahead::end)
                    .with("executor, with none", ours::run)
                    .with("executor, with none: end and removal", ours::end)
                    .print("a pod in the network of the host, until it runs");
            new SideBySide(Math.min(WARM_UPS / 4, rounds), rounds)
                    .with("`crun run`", () -> crun.start(StartedPods.LINE))
                    .with("`crun`: end and removal", crun::end)
                    .with("executor, with a pod made ahead", ahead::start)
                    .with("executor, with a pod made ahead: end and removal", ahead::end)
                    .with("executor, with none", ours::start)
                    .with("executor, with none: end and removal", ours::end)
                    .print("a pod in the network of the host, until its first line");
        }
    }
}
