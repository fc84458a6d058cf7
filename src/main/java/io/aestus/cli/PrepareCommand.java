package io.aestus.cli;

import io.aestus.appc.PodUuid;
import io.aestus.executor.AppOptions;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus prepare}: all of {@code run} up to the start. */
final class PrepareCommand implements Command {
    private RunArguments arguments = new RunArguments(List.of(), List.of());

    @Override
    public CommandSpec spec() {
        return RunOptions.command(
                "prepare",
                "Fetches and verifies images and writes a pod that run-prepared can start; prints its UUID.",
                "aestus prepare example.com/shop/web:2.1.0 --memory 128Mi",
                "aestus run-prepared 5d0f");
    }

    @Override
    public List<String> prepare(List<String> words) {
        arguments = RunOptions.split(words);
        return arguments.pod();
    }

    @Override
    public int run(ParseResult parsed, Session session) throws Exception {
        var spec = new PodRequest(session, parsed, arguments.images()).resolve(AppOptions.DEFAULT);
        PodUuid pod = session.executor().prepare(spec);
        session.out().println(pod);
        return ExitCode.DONE;
    }
}
