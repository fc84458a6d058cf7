package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus agent --help}. The agent itself is another program, which the launcher starts. */
final class AgentCommand implements Command {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = Options.command("agent", "Runs the node agent in the foreground, until SIGTERM.")
                .addOption(Options.value("--manifests", "DIR", "run the AppPod files of a directory"))
                .addOption(Options.value("--node-name", "NAME", "this node's name in the cluster"))
                .addOption(Options.values("--set", "KEY=VALUE", "a setting"));
        var lines = new ArrayList<>(List.of("", "Settings, with their defaults:"));
        for (Settings.Known setting : Settings.known()) {
            lines.add("  " + setting.name() + "=" + setting.otherwise());
            lines.add("      " + setting.meaning());
        }
        lines.addAll(List.of(
                "",
                "They are read from aestus.properties in /usr/lib/aestus, /etc/aestus and --config-dir, from the",
                "environment (AESTUS_GC_GRACE for aestus.gc.grace), and from --set, in rising order.",
                "",
                "Examples:",
                "  aestus agent",
                "  aestus agent --manifests pods --set aestus.kubernetes.enabled=false"));
        spec.usageMessage().footer(lines.stream().map(AgentCommand::literal).toArray(String[]::new));
        return spec;
    }

    /** Help texts are formats: a percent sign stands for itself only when there are two. */
    private static String literal(String line) {
        return line.replace("%", "%%");
    }

    @Override
    public Power power() {
        return Power.NONE;
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        throw new AestusException(Problem.UNSUPPORTED, "cannot start the agent: this program only explains it")
                .withRemedy("bin/aestus agent, with the command's whole name");
    }
}
