package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The program {@code aestus}: from arguments to an exit code. */
public final class Aestus {
    private final PrintStream out;
    private final PrintStream err;
    private final Map<String, String> environment;
    private final Caller caller;
    private final Dialect dialect;
    /** Whether this process is there for one command line alone, and may begin anew as something else. */
    private final boolean isAlone;

    Aestus(PrintStream out, PrintStream err, Map<String, String> environment) {
        this(out, err, environment, Caller.ofProcess(), Dialect.ofProcess());
    }

    Aestus(PrintStream out, PrintStream err, Map<String, String> environment, Caller caller, Dialect dialect) {
        this(out, err, environment, caller, dialect, false);
    }

    private Aestus(
            PrintStream out,
            PrintStream err,
            Map<String, String> environment,
            Caller caller,
            Dialect dialect,
            boolean isAlone) {
        this.isAlone = isAlone;
        this.dialect = dialect;
        this.out = out;
        this.err = err;
        this.environment = Map.copyOf(environment);
        this.caller = caller;
    }

    /** Runs the command line and ends the process with its exit code. */
    public static void main(String[] args) {
        int code = ExitCode.DONE;
        if (args.length == 1 && (args[0].equals("version") || args[0].equals("--version"))) {
            System.out.print(Version.text());
            System.out.flush();
        } else {
            var out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
            var err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
            try {
                code = new Aestus(out, err, System.getenv(), Caller.ofProcess(), Dialect.ofProcess(), true)
                        .run(List.of(args));
            } catch (LinkageError e) { // there is no class for anything better
                Throwable cause = e instanceof ExceptionInInitializerError && e.getCause() != null ? e.getCause() : e;
                err.println("aestus: cannot go on: a part of the program cannot be loaded: " + cause.getMessage());
                err.println("  try: a higher limit of open files (ulimit -n), or install it anew");
                code = ExitCode.FAILED;
            }
            out.flush();
        }
        // Not exit: Aestus relies on no shutdown hook, and the JVM stops sooner without them.
        Runtime.getRuntime().halt(code);
    }

    /** Does what {@code args} ask, and says on standard error what went wrong. */
    int run(List<String> args) {
        return switch (dialect) {
            case AESTUS -> runOurs(args);
            case RKT -> runRkts(args);
        };
    }

    private int runRkts(List<String> args) {
        RktWords.Translation translation = RktWords.translate(args);
        translation.notices().forEach(notice -> err.println("rkt: " + notice));
        if (RktWords.NOT_NEEDED.containsKey(translation.command())) {
            err.println("rkt: " + RktWords.NOT_NEEDED.get(translation.command()));
            return ExitCode.DONE;
        }
        int code = runOurs(translation.words());
        boolean isNamed =
                GlobalOptions.indexOfCommand(translation.words()) >= 0; // without a command rkt's code is 2 too
        return code == ExitCode.USAGE && isNamed ? ExitCode.FAILED : code;
    }

    private int runOurs(List<String> args) {
        // Options are words or nothing; looking for what else they could be turned into takes picocli a tenth of a
        // short command.
        System.setProperty("picocli.converters.excludes", ".*");
        CommandSpec root = GlobalOptions.root(GlobalOptions.Shown.HIDDEN);
        int at = GlobalOptions.indexOfCommand(args);
        if (at < 0) {
            boolean asked = args.contains("--help") || args.contains("-h");
            Help.overview(asked ? out : err);
            return asked ? ExitCode.DONE : ExitCode.USAGE;
        }
        Optional<Commands.Entry> entry = Commands.TOP.find(args.get(at));
        if (entry.isEmpty()) {
            return unknown(args.get(at));
        }
        List<String> words = inOrder(args, at, entry.get().name(), root);
        return run(root, entry.get(), words);
    }

    /** The command under its whole name, and behind it those of its own options that stood before it, as rkt takes them. */
    private static List<String> inOrder(List<String> args, int at, String name, CommandSpec root) {
        var words = new ArrayList<String>();
        var own = new ArrayList<String>();
        for (int i = 0; i < at; i++) {
            String word = args.get(i);
            int equals = word.indexOf('=');
            boolean isGlobal =
                    !word.startsWith("-") || root.findOption(equals < 0 ? word : word.substring(0, equals)) != null;
            (isGlobal ? words : own).add(word);
        }
        words.add(name);
        words.addAll(own);
        words.addAll(args.subList(at + 1, args.size()));
        return words;
    }

    private int run(CommandSpec root, Commands.Entry entry, List<String> words) {
        boolean isColoured =
                caller.isWatching() && !words.contains("--no-color") && GlobalOptions.allowsColor(environment);
        var report = new ErrorReport(err, words.contains("--debug"), isColoured ? Ink.COLOURED : Ink.PLAIN, dialect);
        CommandSpec spec = root;
        try {
            Command command = entry.load();
            spec = command.spec();
            root.addSubcommand(entry.name(), new CommandLine(spec));
            ParseResult parsed =
                    new CommandLine(root).parseArgs(command.prepare(words).toArray(String[]::new));
            while (parsed.hasSubcommand()) {
                parsed = parsed.subcommand();
            }
            spec = parsed.commandSpec();
            if (parsed.isUsageHelpRequested()) {
                Help.of(spec, out);
                return ExitCode.DONE;
            }
            takePower(command.power());
            try (var session =
                    new Session(GlobalOptions.read(parsed, environment), environment, out, err, caller, dialect)) {
                return command.run(parsed, session);
            }
        } catch (ParameterException e) {
            return report.usage(e);
        } catch (WrongUsage e) {
            return report.usage(e, spec);
        } catch (OutOfMemoryError e) {
            return report.failure(new AestusException(Problem.EXHAUSTED, "cannot go on: " + e.getMessage(), e)
                    .withRemedy("more memory, or a higher limit of processes and threads (pids.max, ulimit -u)"));
        } catch (Exception e) {
            int code = report.failure(e);
            return dialect == Dialect.RKT && isOdd(spec.qualifiedName(" "), e) ? ExitCode.ODD : code;
        }
    }

    /** An ordinary user goes on in another process image, and does not come back. */
    private void takePower(Command.Power power) {
        if (!isAlone || power == Command.Power.NONE) {
            return;
        }
        try {
            OrdinaryUser.current(environment).ifPresent(user -> user.enter(err));
        } catch (AestusException e) {
            if (power == Command.Power.NEEDED) {
                throw e;
            }
        }
    }

    /** What rkt ends with another code than the rest. */
    private static boolean isOdd(String command, Exception error) {
        return switch (command) {
            case "aestus app list", "aestus app status", "aestus app sandbox" -> true;
            case "aestus status", "aestus stop" -> error instanceof UnreadUuidFile;
            default -> false;
        };
    }

    private int unknown(String word) {
        String near = Commands.TOP
                .nearest(word)
                .map(name -> ", did you mean " + name + "?")
                .orElse("");
        err.println(dialect.program() + ": unknown command " + Quoted.of(word) + near);
        err.println(dialect.program() + " --help lists the commands");
        return ExitCode.USAGE;
    }
}
