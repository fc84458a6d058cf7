package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.PodUuid;
import io.aestus.executor.AppNotice;
import io.aestus.executor.AppState;
import io.aestus.executor.AppStatus;
import io.aestus.executor.PodState;
import io.aestus.executor.PodStatus;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
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
                        "aestus status --wait=30s --uuid-file web.uuid",
                        "aestus status --wait-ready=1m web")
                .addOption(Options.optionalValue("--wait", "DURATION", "wait until the pod has ended"))
                .addOption(
                        Options.optionalValue(
                                "--wait-ready",
                                "DURATION",
                                "wait until each app runs and is ready: its probe succeeds, and it has told so if its image says that it does"))
                .addOption(Options.uuidFile())
                .addPositional(Options.pods("0..1"));
    }

    /** As in rkt a duration follows an equals sign: the word after a bare {@code --wait} is a pod. */
    @Override
    public List<String> prepare(List<String> words) {
        return words.stream()
                .map(word -> word.equals("--wait") || word.equals("--wait-ready") ? word + "=" : word)
                .toList();
    }

    @Override
    public int run(ParseResult arguments, Session session) throws Exception {
        PodUuid pod = session.pod(arguments);
        Optional<String> ready = Options.value(arguments, "--wait-ready");
        if (ready.isPresent()) {
            awaitReady(session, pod, ready.get());
        }
        Optional<String> wait = Options.value(arguments, "--wait");
        if (wait.isPresent()) {
            Duration limit = limit("--wait", wait.get());
            boolean runs = session.executor().status(pod).state() instanceof PodState.Running;
            if (runs && session.executor().waitFor(pod, limit).isEmpty()) {
                throw new AestusException(
                        Problem.UNAVAILABLE,
                        "cannot show the end of pod " + pod + ": it still runs after " + wait.get());
            }
        }
        PodStatus status = session.executor().status(pod);
        session.output().print(PodForms.json(status), to -> print(status, session.dialect(), to));
        return ExitCode.DONE;
    }

    private static Duration limit(String option, String value) {
        return value.isEmpty() ? FOR_EVER : Options.duration(option, value);
    }

    /** A pod that was not started is not waited for. */
    private static void awaitReady(Session session, PodUuid pod, String wait) throws InterruptedException {
        boolean isPrepared = session.executor().status(pod).state() instanceof PodState.Prepared;
        if (!isPrepared && !session.executor().waitReady(pod, limit("--wait-ready", wait))) {
            PodStatus status = session.executor().status(pod);
            String state = status.word();
            throw new AestusException(
                            Problem.UNAVAILABLE,
                            "cannot wait until pod " + pod + " is ready: "
                                    + (state.equals("running")
                                            ? "it is not after " + wait + failing(status)
                                            : "it is " + state))
                    .withRemedy("aestus logs " + pod);
        }
    }

    private static String failing(PodStatus pod) {
        String failing = pod.apps().stream()
                .filter(app -> app.state() instanceof AppState.Running
                        && app.options().readiness().isPresent()
                        && !app.passesProbe())
                .map(app -> app.name().toString())
                .collect(Collectors.joining(", "));
        return failing.isEmpty() ? "" : "; the readiness probe does not succeed in " + failing;
    }

    private static void print(PodStatus pod, Dialect dialect, PrintStream to) {
        pod.options().name().ifPresent(name -> to.println("name=" + name));
        to.println("state=" + pod.word());
        to.println("created=" + PodForms.time(pod.created(), dialect));
        PodForms.started(pod).ifPresent(at -> to.println("started=" + PodForms.time(at, dialect)));
        to.println("networks=" + PodForms.networks(pod));
        to.println("stage1=" + pod.stage1());
        switch (pod.state()) {
            case PodState.Running(var _, long pid) ->
                to.println("pid=" + pid + "\nexited=false\nready=" + pod.isReady());
            case PodState.Exited _ -> to.println("exited=true");
            case PodState.Aborted(var _, String why) -> to.println("reason=" + why);
            case PodState.Prepared _, PodState.Starting _ -> {}
        }
        for (AppStatus app : pod.apps()) {
            if (app.awaitsConnection()) {
                to.println("app-" + app.name() + "-awaits=connection");
            }
            printReadiness(app, to);
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

    /** Of one that tells, or is asked. */
    private static void printReadiness(AppStatus app, PrintStream to) {
        boolean isAsked = app.state() instanceof AppState.Running
                && app.options().readiness().isPresent();
        if (isAsked || app.notice().isPresent()) {
            to.println("app-" + app.name() + "-ready=" + app.isReady());
        }
        app.notice()
                .map(AppNotice::text)
                .filter(text -> !text.isEmpty())
                .ifPresent(text -> to.println("app-" + app.name() + "-status=" + Quoted.of(text)));
    }
}
