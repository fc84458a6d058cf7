package io.aestus.cli;

import io.aestus.appc.PodUuid;
import io.aestus.executor.PodState;
import io.aestus.executor.StopOptions;
import java.time.Duration;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus stop}: asks pods to end, and ends them when they do not. */
final class StopCommand implements Command {
    @Override
    public CommandSpec spec() {
        return addHow(Options.command(
                        "stop",
                        "Stops pods: their apps get their stop signal, and what is left after the time is killed.",
                        "aestus stop 5d0f",
                        "aestus stop --time 30s --signal SIGINT 5d0f"))
                .addOption(Options.uuidFile())
                .addPositional(Options.pods("0..*"));
    }

    /** Adds what says how something is stopped. */
    static CommandSpec addHow(CommandSpec spec) {
        return spec.addOption(Options.flag("--force", "kill at once"))
                .addOption(Options.flag("--wait", "wait for the end, as is done in any case"))
                .addOption(Options.value("--time", "DURATION", "how long to wait before killing (10s)"))
                .addOption(Options.value("--signal", "SIGNAL", "the signal to send, by name or number"));
    }

    /** What was said of how something is stopped. */
    static StopOptions how(ParseResult arguments, Session session) {
        StopOptions how = Options.isSet(arguments, "--force")
                ? StopOptions.NOW
                : StopOptions.within(Options.duration(arguments, "--time").orElse(Duration.ofSeconds(10)));
        return Options.value(arguments, "--signal")
                .map(session::signal)
                .map(how::withSignal)
                .orElse(how);
    }

    @Override
    public int run(ParseResult arguments, Session session) throws Exception {
        StopOptions how = how(arguments, session);
        for (PodUuid pod : session.pods(arguments)) {
            if (session.executor().status(pod).state() instanceof PodState.Exited) {
                session.err().println("pod \"" + pod + "\" is already stopped");
            } else {
                session.executor().stop(pod, how);
                session.out().println("\"" + pod + "\"");
            }
        }
        return ExitCode.DONE;
    }
}
