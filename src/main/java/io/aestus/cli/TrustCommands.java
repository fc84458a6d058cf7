package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.trust.Scope;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code aestus trust}: which keys may sign which images. */
final class TrustCommands {
    private TrustCommands() {}

    static CommandGroup group() {
        return new CommandGroup(
                new TrustCommand(),
                new Commands(List.of(
                        new Commands.Entry("list", "list the trusted keys", TrustListCommand::new),
                        new Commands.Entry("rm", "trust a key no longer", TrustRmCommand::new))));
    }

    /** The options that say what a key is trusted for. */
    static CommandSpec addScope(CommandSpec spec) {
        return spec.addOption(Options.value("--prefix", "NAME", "for images of this name and all below it"))
                .addOption(Options.flag("--root", "for every image"));
    }

    /** What a key is trusted for; nobody trusts a key for everything by leaving a word out. */
    static Scope scope(ParseResult arguments) {
        Optional<String> prefix = Options.value(arguments, "--prefix");
        boolean root = Options.isSet(arguments, "--root");
        if (root && prefix.isPresent()) {
            throw new WrongUsage("--root and --prefix exclude each other");
        }
        if (!root && prefix.isEmpty()) {
            throw new WrongUsage("trusted for what? --prefix NAME for images below a name, or --root for every image");
        }
        try {
            return prefix.isPresent() ? Scope.parse(prefix.get()) : new Scope.Root();
        } catch (AestusException e) {
            throw new WrongUsage(e.message());
        }
    }
}
