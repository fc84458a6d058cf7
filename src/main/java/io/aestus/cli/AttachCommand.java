package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.executor.AppOptions.Stdin;
import io.aestus.executor.AppOptions.Terminal;
import io.aestus.executor.AppProcess;
import io.aestus.executor.AppState;
import io.aestus.executor.AppStatus;
import io.aestus.executor.Executor.History;
import io.aestus.executor.ExitStatus;
import io.aestus.executor.PodStatus;
import io.aestus.json.Json;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus attach}: the streams or the terminal of an app that runs, until it ends or the user lets go. */
final class AttachCommand implements Command {
    /** What of an app can be attached to. */
    enum Endpoint {
        STDIN,
        STDOUT,
        STDERR,
        TTY_IN,
        TTY_OUT;

        String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        private boolean isOfTerminal() {
            return this == TTY_IN || this == TTY_OUT;
        }

        boolean isInput() {
            return this == STDIN || this == TTY_IN;
        }
    }

    @Override
    public CommandSpec spec() {
        return Options.command(
                        "attach",
                        "Connects to the streams or the terminal of an app that runs, until it ends, or until the detach keys"
                                + " are typed at a terminal. The app runs on then.",
                        "aestus attach shop",
                        "aestus attach --mode=list shop",
                        "aestus attach --mode=stdout,stderr --app web shop")
                .addOption(Options.value("--app", "NAME", "which app, if the pod has several"))
                .addOption(Options.value(
                        "--mode",
                        "MODE",
                        "auto (default): all there is; list: print what there is; or a list of stdin, stdout, stderr, or of"
                                + " tty, tty-in, tty-out"))
                .addOption(Options.value(
                        "--detach-keys",
                        "KEYS",
                        "what lets go of a terminal (" + DetachKeys.USUAL + "); empty for none"))
                .addOption(Options.flag("--history", "begin with what its log still has"))
                .addOption(Options.uuidFile())
                .addPositional(Options.pods("0..1"));
    }

    @Override
    public int run(ParseResult arguments, Session session) throws Exception {
        String mode = Options.value(arguments, "--mode").orElse("auto");
        DetachKeys keys =
                DetachKeys.parse(Options.value(arguments, "--detach-keys").orElse(DetachKeys.USUAL));
        PodStatus pod = session.executor().status(session.pod(arguments));
        AppStatus app = pod.requireApp(PodForms.theApp(pod, Options.value(arguments, "--app")));
        Set<Endpoint> there = endpoints(app);
        if (mode.equals("list")) {
            List<String> words = there.stream().map(Endpoint::word).toList();
            session.output().print(() -> Json.strings(words), to -> words.forEach(to::println));
            return ExitCode.DONE;
        }
        Set<Endpoint> wanted = mode.equals("auto") ? there : wanted(mode);
        if (!there.containsAll(wanted)) {
            throw new AestusException(
                            Problem.CONFLICT,
                            "cannot attach to app " + app.name() + ": it has no "
                                    + first(wanted, there).word())
                    .withRemedy("aestus attach --mode=list");
        }
        if (!(app.state() instanceof AppState.Running)) {
            throw new AestusException(Problem.CONFLICT, "cannot attach to app " + app.name() + ": it does not run");
        }
        History history = Options.isSet(arguments, "--history") ? History.ALL : History.NONE;
        try (AppProcess process = session.executor().attach(pod.uuid(), app.name(), history)) {
            var attachment = new TerminalAttachment(process, wanted, keys, session);
            return attachment.run() == TerminalAttachment.Ending.DETACHED
                    ? detached(session)
                    : end(process, app, session);
        }
    }

    private static int detached(Session session) {
        session.note("detached; the app runs on");
        return ExitCode.DONE;
    }

    private static int end(AppProcess process, AppStatus app, Session session) throws InterruptedException {
        Optional<ExitStatus> status = process.waitFor(Duration.ofSeconds(10));
        if (status.isEmpty()) {
            return ExitCode.DONE; // it closed its output and runs on
        }
        if (!status.get().message().isEmpty()) {
            session.note("app " + app.name() + " " + status.get().message());
        }
        return status.get().code();
    }

    private static Set<Endpoint> endpoints(AppStatus app) {
        var there = EnumSet.noneOf(Endpoint.class);
        if (app.options().terminal() == Terminal.TTY) {
            there.addAll(EnumSet.of(Endpoint.TTY_IN, Endpoint.TTY_OUT));
        } else {
            there.addAll(EnumSet.of(Endpoint.STDOUT, Endpoint.STDERR));
            if (app.options().stdin() != Stdin.CLOSED) {
                there.add(Endpoint.STDIN);
            }
        }
        return there;
    }

    private static Set<Endpoint> wanted(String mode) {
        var wanted = EnumSet.noneOf(Endpoint.class);
        for (String word : mode.split(",", -1)) {
            if (word.equals("tty")) {
                wanted.addAll(EnumSet.of(Endpoint.TTY_IN, Endpoint.TTY_OUT));
            } else {
                wanted.add(Arrays.stream(Endpoint.values())
                        .filter(each -> each.word().equals(word))
                        .findFirst()
                        .orElseThrow(() -> new WrongUsage("cannot attach by --mode " + Quoted.of(mode) + ": "
                                + Quoted.of(word) + " is no endpoint")));
            }
        }
        long ofTerminal = wanted.stream().filter(Endpoint::isOfTerminal).count();
        if (ofTerminal > 0 && ofTerminal < wanted.size()) {
            throw new WrongUsage(
                    "cannot attach by --mode " + Quoted.of(mode) + ": an app has a terminal or streams, not both");
        }
        return wanted;
    }

    private static Endpoint first(Set<Endpoint> wanted, Set<Endpoint> there) {
        return wanted.stream().filter(each -> !there.contains(each)).findFirst().orElseThrow();
    }
}
