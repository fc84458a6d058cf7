package io.aestus.cli;

import io.aestus.executor.AppOptions;
import io.aestus.executor.AppOptions.Stdin;
import io.aestus.executor.AppOptions.Terminal;
import io.aestus.executor.PodSpec;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus run}: from images to a running pod, in the foreground unless told otherwise. */
final class RunCommand implements Command {
    private RunArguments arguments = new RunArguments(List.of(), List.of());

    @Override
    public CommandSpec spec() {
        return RunOptions.command(
                "run",
                "Fetches, verifies and runs images as the apps of one pod. Options after an image are of that image;"
                        + " -- gives it arguments, up to a lone ---.",
                "aestus run example.com/shop/web:2.1.0 --memory 128Mi -- --verbose",
                "aestus run --interactive example.com/tools/busybox -- sh",
                "aestus run example.com/web --readiness-http=8080/up",
                "aestus run example.com/db --readiness-exec='ping-db -q'",
                "aestus run --volume data,kind=host,source=/srv example.com/web",
                "aestus run --volume data,kind=image,source=example.com/models example.com/web",
                "aestus run --detach example.com/web -- --port 80 --- example.com/log");
    }

    @Override
    public List<String> prepare(List<String> words) {
        arguments = RunOptions.split(words);
        return arguments.pod();
    }

    @Override
    public int run(ParseResult parsed, Session session) throws Exception {
        boolean interactive = Options.isSet(parsed, "--interactive");
        if (interactive && arguments.images().size() != 1) {
            throw new WrongUsage("cannot connect the terminal: --interactive takes one image, not "
                    + arguments.images().size());
        }
        PodSpec spec = new PodRequest(session, parsed, arguments.images())
                .resolve(interactive ? connected(AppOptions.DEFAULT) : AppOptions.DEFAULT);
        return new Foreground(session).run(spec, Foreground.Mode.of(parsed));
    }

    /** What {@code --interactive} means to an app: a terminal where the user has one, else only its input. */
    static AppOptions connected(AppOptions options) {
        return UserTerminal.isThere()
                ? options.withTerminal(Terminal.TTY).withStdin(Stdin.OPEN)
                : options.withStdin(Stdin.ONCE);
    }
}
