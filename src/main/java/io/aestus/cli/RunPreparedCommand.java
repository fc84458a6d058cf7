package io.aestus.cli;

import io.aestus.appc.PodManifest;
import io.aestus.executor.Amendment;
import io.aestus.executor.PodOptions;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus run-prepared}: starts what {@code prepare} has written. */
final class RunPreparedCommand implements Command {
    @Override
    public CommandSpec spec() {
        return SurroundingOptions.add(Options.command(
                                "run-prepared",
                                "Starts a prepared pod; what is said here counts before what was said when it was prepared.",
                                "aestus run-prepared 5d0f",
                                "aestus run-prepared --net=host --dns=192.0.2.53 5d0f")
                        .addOption(NetworkOptions.option()))
                .addOption(Options.flag("--interactive", "connect the terminal, or standard input, to the only app"))
                .addOption(Options.flag("--detach", "leave the pod running"))
                .addOption(RunOptions.mdsRegister())
                .addOption(Options.uuidFile())
                .addPositional(Options.pods("0..1"));
    }

    @Override
    public int run(ParseResult arguments, Session session) throws Exception {
        var pod = session.pod(arguments);
        PodManifest manifest = session.executor().status(pod).manifest();
        boolean isInteractive = Options.isSet(arguments, "--interactive");
        if (isInteractive && manifest.apps().size() != 1) {
            throw new WrongUsage("cannot connect the terminal: --interactive takes a pod of one app, not of "
                    + manifest.apps().size());
        }
        session.executor()
                .start(
                        pod,
                        new Amendment(
                                prepared -> amended(prepared, arguments, manifest, session),
                                prepared -> isInteractive ? RunCommand.connected(prepared) : prepared));
        if (Options.isSet(arguments, "--detach")) {
            session.out().println(pod);
            return ExitCode.DONE;
        }
        return new Foreground(session).attend(pod, isInteractive);
    }

    private static PodOptions amended(
            PodOptions prepared, ParseResult arguments, PodManifest manifest, Session session) {
        PodOptions options = SurroundingOptions.over(prepared, arguments);
        NetworkOptions networks = NetworkOptions.read(arguments);
        return networks.net().isPresent() ? networks.connect(options, manifest, session::networks) : options;
    }
}
