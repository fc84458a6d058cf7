package io.aestus.cli;

import io.aestus.appc.Isolators;
import io.aestus.appc.PodManifest;
import io.aestus.executor.PodOptions;
import io.aestus.executor.PodSpec;
import io.aestus.fetch.PullPolicy;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus app sandbox}: a pod without apps, that is there until it is stopped. */
final class AppSandboxCommand implements Command {
    @Override
    public CommandSpec spec() {
        return RunOptions.addPod(Options.command(
                        "sandbox",
                        "Starts a pod without apps, which stays until it is stopped, and prints what its apps write.",
                        "aestus app sandbox --detach --uuid-file-save shop.uuid",
                        "aestus app sandbox --net=default --port 8080:80"))
                .addOption(Options.values("--annotation", "NAME=VALUE", "an annotation of the pod"))
                .addOption(Options.values("--user-annotation", "NAME=VALUE", "an annotation without meaning to Aestus"))
                .addOption(Options.values("--user-label", "NAME=VALUE", "a label without meaning to Aestus"));
    }

    @Override
    public int run(ParseResult arguments, Session session) throws Exception {
        PodOptions options = RunOptions.podOptions(arguments).withLife(PodOptions.Life.UNTIL_STOPPED);
        NetworkOptions networks = NetworkOptions.read(arguments);
        PodManifest manifest = PodManifest.of()
                .withVolumes(VolumeOptions.fetching(session, session.fetchPolicy(PullPolicy.NEW))
                        .read(arguments))
                .withIsolators(IsolationOptions.isolators(Isolators.NONE, arguments))
                .withPorts(networks.exposed())
                .withAnnotations(AppOverrides.annotations(Options.values(arguments, "--annotation")))
                .withUserAnnotations(
                        AppOverrides.map(Options.values(arguments, "--user-annotation"), "--user-annotation"))
                .withUserLabels(AppOverrides.map(Options.values(arguments, "--user-label"), "--user-label"));
        var spec = PodSpec.of(manifest).withOptions(networks.connect(options, manifest, session::networks));
        return new Foreground(session).run(spec, Foreground.Mode.of(arguments));
    }
}
