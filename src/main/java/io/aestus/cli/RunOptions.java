package io.aestus.cli;

import io.aestus.Quoted;
import io.aestus.appc.AbsolutePath;
import io.aestus.appc.AcName;
import io.aestus.appc.Mount;
import io.aestus.executor.PodName;
import io.aestus.executor.PodOptions;
import io.aestus.executor.PodOptions.Metadata;
import io.aestus.executor.PodOptions.Strictness;
import io.aestus.executor.PodOptions.UserNamespace;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The options of {@code run} and {@code prepare} that are of the whole pod, and what they say. */
final class RunOptions {
    private RunOptions() {}

    /** A command that takes images with options of theirs: {@code run} or {@code prepare}. */
    static CommandSpec command(String name, String description, String... examples) {
        CommandSpec spec = addRunning(addImages(addPod(Options.command(name, description, examples))));
        spec.usageMessage().customSynopsis("aestus " + name + " [OPTIONS] IMAGE [APP OPTIONS] [-- ARGUMENTS [---]] …");
        AppOverrides.spec().options().stream()
                .filter(option -> spec.findOption(option.longestName()) == null)
                .forEach(spec::addOption);
        return spec;
    }

    /** Takes such a command's words apart; {@link RunArguments#pod} begins with the command's own name. */
    static RunArguments split(List<String> words) {
        int at = GlobalOptions.indexOfCommand(words);
        CommandSpec pod = addRunning(addImages(addPod(GlobalOptions.root(GlobalOptions.Shown.HIDDEN))));
        RunArguments split = RunArguments.split(words.subList(at + 1, words.size()), pod, AppOverrides.spec());
        var all = new ArrayList<>(words.subList(0, at + 1));
        all.addAll(split.pod());
        return new RunArguments(all, split.images());
    }

    /** Adds the options of a pod, whatever runs in it. */
    static CommandSpec addPod(CommandSpec spec) {
        return SurroundingOptions.add(NetworkOptions.add(Stage1Options.add(spec)))
                .addOption(Options.values(
                        "--volume",
                        "NAME,kind=KIND,…",
                        "a volume: kind=host,source=PATH[,readOnly=true],"
                                + " kind=empty[,mode=0755,uid=0,gid=0,medium=memory,size=64Mi] or"
                                + " kind=image,source=IMAGE[,subPath=PATH]"))
                .addOption(Options.value(
                        "--private-users",
                        "WHICH",
                        "on (default): root of the pod is nobody on the host; off: it is root"))
                .addOption(Options.value("--pod-name", "NAME", "what the pod shall be called, beside its UUID"))
                .addOption(Options.values("--label", "NAME=VALUE", "a label of the pod, for list --selector"))
                .addOption(IsolationOptions.isolator("the whole pod"))
                .addOption(Options.value(
                        "--metadata", "WHICH", "on (default): apps can ask the metadata service; off: there is none"))
                .addOption(mdsRegister())
                .addOption(Options.flag("--strict", "do not start what cannot be isolated as asked"))
                .addOption(Options.flag("--detach", "print the UUID and leave the pod running"))
                .addOption(Options.value("--uuid-file-save", "FILE", "write the pod's UUID there"));
    }

    private static CommandSpec addImages(CommandSpec spec) {
        return spec.addOption(Options.values(
                        "--mount", "volume=NAME,target=PATH", "mount a volume, in all apps or in the image before it"))
                .addOption(Options.values("--set-env", "NAME=VALUE", "a variable of all apps"))
                .addOption(Options.values("--set-env-file", "FILE", "variables of all apps, a NAME=VALUE line each"))
                .addOption(Options.flag(
                        "--inherit-env", "hand the caller's variables on, where an app has none of the name"))
                .addOption(Options.value(
                        "--on-app-failure",
                        "WHAT",
                        "stop (default): the first app that fails for good ends the pod; continue: it does not"))
                .addOption(Options.value("--pull-policy", "POLICY", "new (default), update or never"))
                .addOption(Options.value(
                        "--pod-manifest",
                        "FILE",
                        "run a finished pod manifest; images that it names are fetched as any"));
    }

    private static CommandSpec addRunning(CommandSpec spec) {
        return spec.addOption(
                Options.flag("--interactive", "connect the terminal, or standard input, to the only app"));
    }

    /** rkt's way to ask for the metadata service, which every pod has. */
    static OptionSpec mdsRegister() {
        return Options.flag("--mds-register", "accepted as rkt's: a pod has the metadata service in any case");
    }

    /** What is said of the pod as such. */
    static PodOptions podOptions(ParseResult arguments) {
        PodOptions options = PodOptions.DEFAULT;
        var name = Options.parsed(arguments, "--pod-name", PodName::parse);
        if (name.isPresent()) {
            options = options.withName(name.get());
        }
        options = options.withLabels(AppOverrides.map(Options.values(arguments, "--label"), "--label"));
        options = options.withLife(
                life(Options.value(arguments, "--on-app-failure").orElse("stop")));
        if (Options.isSet(arguments, "--strict")) {
            options = options.withStrictness(Strictness.STRICT);
        }
        if (!isOn("--metadata", Options.value(arguments, "--metadata").orElse("on"))) {
            options = options.withMetadata(Metadata.NONE);
        }
        options = options.withUserNamespace(
                isOn(
                                "--private-users",
                                Options.value(arguments, "--private-users").orElse("on"))
                        ? UserNamespace.PRIVATE
                        : UserNamespace.HOST);
        return SurroundingOptions.over(options, arguments);
    }

    private static PodOptions.Life life(String word) {
        return switch (word) {
            case "stop" -> PodOptions.Life.UNTIL_APPS_END;
            case "continue" -> PodOptions.Life.UNTIL_ALL_APPS_END;
            default ->
                throw new WrongUsage(
                        "cannot read --on-app-failure: " + Quoted.of(word) + " is neither stop nor continue");
        };
    }

    private static boolean isOn(String option, String word) {
        return switch (word) {
            case "on", "true" -> true;
            case "off", "false" -> false;
            default ->
                throw new WrongUsage("cannot read " + option + ": " + Quoted.of(word) + " is neither on nor off");
        };
    }

    /** The mounts of {@code --mount}, of a pod or of an app. */
    static List<Mount> mounts(ParseResult arguments) {
        var mounts = new ArrayList<Mount>();
        for (String text : Options.values(arguments, "--mount")) {
            String volume = "";
            String target = "";
            for (String part : text.split(",", -1)) {
                String[] sides = pair(part, "--mount");
                switch (sides[0]) {
                    case "volume" -> volume = sides[1];
                    case "target" -> target = sides[1];
                    default ->
                        throw new WrongUsage(
                                "cannot read --mount " + Quoted.of(text) + ": expected volume=NAME,target=PATH");
                }
            }
            mounts.add(Mount.of(AcName.parse(volume), AbsolutePath.parse(target)));
        }
        return mounts;
    }

    /** {@code NAME=VALUE}, taken apart. */
    static String[] pair(String text, String option) {
        int equals = text.indexOf('=');
        if (equals <= 0) {
            throw new WrongUsage("cannot read " + option + ": " + Quoted.of(text) + " is not NAME=VALUE");
        }
        return new String[] {text.substring(0, equals), text.substring(equals + 1)};
    }
}
