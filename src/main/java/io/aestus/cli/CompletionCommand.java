package io.aestus.cli;

import io.aestus.Quoted;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus completion bash|zsh|fish}: a script for the shell to read. */
final class CompletionCommand implements Command {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = CommandSpec.create().name("completion");
        spec.usageMessage()
                .description("Prints a completion script for the shell.")
                .footer(
                        "",
                        "Examples:",
                        "  source <(aestus completion bash)",
                        "  aestus completion fish >~/.config/fish/completions/aestus.fish");
        spec.addPositional(PositionalParamSpec.builder()
                .index("0")
                .arity("0..1")
                .type(String.class)
                .paramLabel("SHELL")
                .defaultValue("bash")
                .description("bash (default), zsh or fish")
                .build());
        return spec;
    }

    @Override
    public Power power() {
        return Power.NONE;
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        String shell = arguments.matchedPositionalValue(0, "bash");
        CommandSpec root = GlobalOptions.root(GlobalOptions.Shown.HIDDEN);
        for (Commands.Entry entry : Commands.TOP.entries()) {
            root.addSubcommand(entry.name(), new CommandLine(entry.load().wholeSpec()));
        }
        session.out()
                .print(
                        switch (shell) {
                            case "bash", "zsh" -> AutoComplete.bash("aestus", new CommandLine(root)); // it knows both
                            case "fish" -> FishCompletion.of(root);
                            default ->
                                throw new WrongUsage("cannot write a completion for " + Quoted.of(shell)
                                        + ": expected bash, zsh or fish");
                        });
        return ExitCode.DONE;
    }
}
