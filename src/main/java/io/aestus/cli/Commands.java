package io.aestus.cli;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;

/**
 * A table of commands: name, one line of description, and how to make one. Only the command that is asked for is built.
 *
 * @param entries in the order in which help lists them
 */
record Commands(List<Entry> entries) {
    /** The commands of {@code aestus} itself. */
    static final Commands TOP = new Commands(List.of(
            new Entry("trust", "say whose images may run, or whose no longer", TrustCommands::group),
            new Entry("fetch", "find, receive and verify images", FetchCommand::new),
            new Entry("run", "fetch, verify and run images as the apps of a pod", RunCommand::new),
            new Entry("prepare", "all of run up to the start", PrepareCommand::new),
            new Entry("run-prepared", "start a prepared pod", RunPreparedCommand::new),
            new Entry("list", "list pods and their apps", ListCommand::new),
            new Entry("status", "show a pod's state and how its apps ended", StatusCommand::new),
            new Entry("logs", "print what an app has written", LogsCommand::new),
            new Entry("enter", "open a shell in a running app", () -> new ExecCommand("enter")),
            new Entry("exec", "run a program in a running app", () -> new ExecCommand("exec")),
            new Entry("attach", "connect to the streams or terminal of a running app", AttachCommand::new),
            new Entry("top", "show how busy running apps are", TopCommand::new),
            new Entry("stats", "print what running apps have used", StatsCommand::new),
            new Entry("cp", "copy files into an app, or out of it", CpCommand::new),
            new Entry("export", "write an app that has ended as an image", ExportCommand::new),
            new Entry("events", "print what happened to pods", EventsCommand::new),
            new Entry("stop", "stop pods", StopCommand::new),
            new Entry("pause", "have all processes of pods stand still", PauseCommand::new),
            new Entry("resume", "have the processes of paused pods go on", ResumeCommand::new),
            new Entry("rm", "remove pods that do not run", RmCommand::new),
            new Entry("gc", "remove pods that ended some time ago", GcCommand::new),
            new Entry("app", "add apps to pods, start, stop and remove them", AppCommands::group),
            new Entry("cat-manifest", "print a pod's manifest", CatManifestCommand::new),
            new Entry("system", "look after the data directory as a whole", SystemCommands::group),
            new Entry("image", "build images, and look after those in the store", ImageCommands::group),
            new Entry("network", "show the networks that pods can be in", NetworkCommands::group),
            new Entry("repo", "publish images for other hosts", RepoCommands::group),
            new Entry("agent", "run the node agent", AgentCommand::new),
            new Entry("cri", "ask the node agent over its CRI socket", CriCommand::new),
            new Entry("doctor", "say what this host can and cannot do", DoctorCommand::new),
            new Entry("config", "print every setting with where it came from", ConfigCommand::new),
            new Entry("completion", "print a shell completion script", CompletionCommand::new),
            new Entry("help", "explain a command", HelpCommand::new),
            new Entry("version", "print the versions", VersionCommand::new)));

    /** One line of the table. */
    record Entry(String name, String description, Supplier<Command> maker) {
        Command load() {
            return maker.get();
        }
    }

    Commands {
        entries = List.copyOf(entries);
    }

    /** All commands of {@code aestus} and those of groups, by their whole names, such as {@code image list}. */
    static SortedMap<String, CommandSpec> all() {
        CommandSpec parent = GlobalOptions.root(GlobalOptions.Shown.HIDDEN); // so that synopses begin with its name
        var all = new TreeMap<String, CommandSpec>();
        for (Entry entry : TOP.entries) {
            CommandSpec spec = entry.load().wholeSpec();
            parent.addSubcommand(entry.name(), spec);
            add(entry.name(), spec, all);
        }
        return all;
    }

    private static void add(String name, CommandSpec spec, Map<String, CommandSpec> all) {
        all.put(name, spec);
        spec.subcommands().forEach((sub, each) -> add(name + " " + sub, each.getCommandSpec(), all));
    }

    /** The command of this name, or the only one whose name begins so. */
    Optional<Entry> find(String word) {
        for (Entry entry : entries) {
            if (entry.name().equals(word)) {
                return Optional.of(entry);
            }
        }
        List<Entry> begins =
                entries.stream().filter(entry -> entry.name().startsWith(word)).toList();
        return begins.size() == 1 ? Optional.of(begins.getFirst()) : Optional.empty();
    }

    /** The name most like {@code word}, if one is close enough to have been meant. */
    Optional<String> nearest(String word) {
        String best = null;
        int distance = 3;
        for (Entry entry : entries) {
            int found = distance(word, entry.name());
            if (found < distance) {
                distance = found;
                best = entry.name();
            }
        }
        return Optional.ofNullable(best);
    }

    /** Levenshtein's: insertions, deletions and replacements from one word to the other. */
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int above = row[j];
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[to.length()];
    }
}
