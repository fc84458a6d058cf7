package io.aestus.cli;

import io.aestus.executor.GcOptions;
import io.aestus.executor.PodState;
import io.aestus.executor.PodStatus;
import java.time.Duration;
import java.time.Instant;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus gc}: removes pods that nobody needs any more. */
final class GcCommand implements Command {
    @Override
    public CommandSpec spec() {
        return Options.command(
                        "gc",
                        "Removes pods that ended some time ago, with what crashes have left of them on the host. The time"
                                + " counts from a pod's end.",
                        "aestus gc --grace-period 0s",
                        "aestus gc --mark-only")
                .addOption(Options.value("--grace-period", "DURATION", "how long ended pods are kept (30m)"))
                .addOption(Options.value("--expire-prepared", "DURATION", "how long prepared pods wait (24h)"))
                .addOption(Options.flag("--mark-only", "only say which pods have ended; remove nothing"));
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        var options = new GcOptions(
                Options.duration(arguments, "--grace-period").orElse(GcOptions.DEFAULT.grace()),
                Options.duration(arguments, "--expire-prepared").orElse(GcOptions.DEFAULT.expirePrepared()));
        if (Options.isSet(arguments, "--mark-only")) {
            mark(options, session);
            return ExitCode.DONE;
        }
        session.executor().gc(options).forEach(pod -> session.out().println("Garbage collecting pod \"" + pod + "\""));
        for (PodStatus pod : session.executor().list()) {
            if (pod.state() instanceof PodState.Exited) {
                session.err()
                        .println("pod \"" + pod.uuid() + "\" not removed: still within grace period ("
                                + Figures.duration(options.grace()) + ")");
            }
        }
        return ExitCode.DONE;
    }

    /** There is nothing to be marked: that a pod has ended, and when, is in its record. */
    private static void mark(GcOptions options, Session session) {
        for (PodStatus pod : session.executor().list()) {
            boolean isGarbage =
                    switch (pod.state()) {
                        case PodState.Exited _, PodState.Aborted _ -> true;
                        case PodState.Prepared prepared ->
                            Duration.between(prepared.at(), Instant.now()).compareTo(options.expirePrepared()) >= 0;
                        case PodState.Starting _, PodState.Running _ -> false;
                    };
            if (isGarbage) {
                session.err().println("moving pod \"" + pod.uuid() + "\" to garbage");
            }
        }
    }
}
