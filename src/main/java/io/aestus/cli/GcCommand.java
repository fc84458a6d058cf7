package io.aestus.cli;

import io.aestus.executor.GcOptions;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus gc}: removes pods that nobody needs any more. */
final class GcCommand implements Command {
    @Override
    public CommandSpec spec() {
        return Options.command("gc", "Removes pods that ended some time ago.", "aestus gc --grace-period 0s")
                .addOption(Options.value("--grace-period", "DURATION", "how long ended pods are kept (30m)"))
                .addOption(Options.value("--expire-prepared", "DURATION", "how long prepared pods wait (24h)"));
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        var options = new GcOptions(
                Options.duration(arguments, "--grace-period").orElse(GcOptions.DEFAULT.grace()),
                Options.duration(arguments, "--expire-prepared").orElse(GcOptions.DEFAULT.expirePrepared()));
        session.executor().gc(options).forEach(pod -> session.out().println("Garbage collecting pod \"" + pod + "\""));
        return ExitCode.DONE;
    }
}
