package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.PodUuid;
import io.aestus.executor.AppState;
import io.aestus.executor.AppStatus;
import io.aestus.executor.PodState;
import io.aestus.executor.PodStatus;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus status}: one pod, in lines that a script can read. */
final class StatusCommand implements Command {
    private static final Duration FOR_EVER = Duration.ofDays(36500);

    @Override
    public CommandSpec spec() {
        return Options.command(
                        "status",
                        "Shows a pod's state, and how its apps ended.",
                        "aestus status 5d0f",
                        "aestus status --wait=30s --uuid-file web.uuid")
                .addOption(Options.optionalValue("--wait", "DURATION", "wait until the pod has ended"))
                .addOption(Options.uuidFile())
                .addPositional(Options.pods("0..1"));
    }

    @Override
    public int run(ParseResult arguments, Session session) throws Exception {
        PodUuid pod = session.pod(arguments);
        Optional<String> wait = Options.value(arguments, "--wait");
        if (wait.isPresent()) {
            Duration limit = wait.get().isEmpty() ? FOR_EVER : Options.duration("--wait", wait.get());
            boolean runs = session.executor().status(pod).state() instanceof PodState.Running;
            if (runs && session.executor().waitFor(pod, limit).isEmpty()) {
                throw new AestusException(
                        Problem.UNAVAILABLE,
                        "cannot show the end of pod " + pod + ": it still runs after " + wait.get());
            }
        }
        PodStatus status = session.executor().status(pod);
        session.output().print(PodForms.json(status), to -> print(status, to));
        return ExitCode.DONE;
    }

    private static void print(PodStatus pod, PrintStream to) {
        pod.options().name().ifPresent(name -> to.println("name=" + name));
        to.println("state=" + pod.word());
        to.println("created=" + pod.created());
        PodForms.started(pod).ifPresent(at -> to.println("started=" + at));
        to.println("networks=" + PodForms.networks(pod));
        switch (pod.state()) {
            case PodState.Running(var _, long pid) -> to.println("pid=" + pid + "\nexited=false");
            case PodState.Exited _ -> to.println("exited=true");
            case PodState.Aborted(var _, String why) -> to.println("reason=" + why);
            case PodState.Prepared _, PodState.Starting _ -> {}
        }
        for (AppStatus app : pod.apps()) {
            if (app.state() instanceof AppState.Exited exited) {
                to.println("app-" + app.name() + "=" + exited.status().code());
                String message = exited.status().message();
                if (!message.isEmpty()) {
                    to.println("app-" + app.name() + "-reason=" + message);
                }
                app.due().ifPresent(at -> to.println("app-" + app.name() + "-next-start=" + at));
            }
        }
    }
}
