package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AcName;
import io.aestus.appc.PodUuid;
import io.aestus.executor.AppOptions.Privilege;
import io.aestus.executor.AppOptions.Stdin;
import io.aestus.executor.AppOptions.Terminal;
import io.aestus.executor.AppProcess;
import io.aestus.executor.ExecSpec;
import io.aestus.executor.ExitStatus;
import io.aestus.executor.PodStatus;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus exec} and {@code enter}: a further process in a running app, confined exactly as the app is. */
final class ExecCommand implements Command {
    private final String name;

    ExecCommand(String name) {
        this.name = name;
    }

    @Override
    public CommandSpec spec() {
        CommandSpec spec = Options.command(
                        name,
                        "Runs a program in a running app, with the app's own confinement; a shell if none is named.",
                        "aestus " + name + " 5d0f",
                        "aestus " + name + " --app web 5d0f ps -ef")
                .addOption(Options.value("--app", "NAME", "which app, if the pod has several"))
                .addOption(Options.values("--environment", "NAME=VALUE", "a further variable"))
                .addOption(Options.value("--working-dir", "DIR", "the working directory; the app's by default"))
                .addOption(Options.flag(
                        "--privileged",
                        "as the pod's root with every capability and system call, whatever the app has"))
                .addOption(Options.uuidFile())
                .addPositional(Options.words(
                        "POD [COMMAND]",
                        "0..*",
                        "a pod's name or UUID, unless --uuid-file says it; then the program and its arguments"));
        spec.usageMessage().customSynopsis("aestus " + name + " [OPTIONS] POD [COMMAND [ARGUMENTS]]");
        spec.parser().stopAtPositional(true);
        return spec;
    }

    @Override
    public int run(ParseResult arguments, Session session) throws Exception {
        List<String> words = Options.words(arguments);
        Optional<PodUuid> ofFile = session.podOfFile(arguments);
        if (ofFile.isEmpty() && words.isEmpty()) {
            throw new WrongUsage("cannot choose a pod: none is named").withRemedy("aestus list shows all");
        }
        PodStatus pod = session.executor()
                .status(ofFile.orElseGet(() -> session.executor().find(words.getFirst())));
        AcName app = PodForms.theApp(pod, Options.value(arguments, "--app"));
        List<String> rest = afterDashes(ofFile.isPresent() ? words : words.subList(1, words.size()));
        List<String> command = rest.isEmpty() ? List.of("/bin/sh") : rest;
        boolean terminal = UserTerminal.isThere();
        var spec = ExecSpec.of(command)
                .withEnvironment(environment(arguments, session, terminal))
                .withTerminal(terminal ? Terminal.TTY : Terminal.NONE)
                .withStdin(Stdin.ONCE)
                .withPrivilege(Options.isSet(arguments, "--privileged") ? Privilege.PRIVILEGED : Privilege.CONFINED);
        Optional<String> directory = Options.value(arguments, "--working-dir");
        if (directory.isPresent()) {
            spec = spec.withWorkingDirectory(directory.get());
        }
        try (AppProcess process = session.executor().exec(pod.uuid(), app, spec)) {
            UserTerminal.connect(process, session.out(), session.err());
            ExitStatus status = process.waitFor(Duration.ofSeconds(10))
                    .orElseThrow(() -> new AestusException(
                            Problem.UNAVAILABLE,
                            "cannot tell how " + command.getFirst() + " ended: it closed its output and goes on"));
            if (!status.message().isEmpty()) {
                session.note(status.message());
            }
            return status.code();
        }
    }

    /** Who is used to kubectl writes dashes between the pod and the program. */
    private static List<String> afterDashes(List<String> words) {
        return !words.isEmpty() && words.getFirst().equals("--") ? words.subList(1, words.size()) : words;
    }

    private static Map<String, String> environment(ParseResult arguments, Session session, boolean terminal) {
        Map<String, String> variables = AppOverrides.map(Options.values(arguments, "--environment"), "--environment");
        String term = session.environment().get("TERM");
        if (terminal && term != null) {
            variables.putIfAbsent("TERM", term);
        }
        return variables;
    }
}
