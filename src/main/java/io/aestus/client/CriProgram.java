package io.aestus.client;

import io.aestus.AestusException;
import io.aestus.Quoted;
import io.aestus.json.Json;
import io.aestus.json.JsonWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The program {@code aestus cri}: asks the agent over its socket and prints the answer as JSON, where there is no crictl. Exit codes are
 * those of the command line: 0 done, 2 wrong usage, 254 refused; {@code exec} ends with the command's own.
 */
public final class CriProgram {
    private static final int WRONG_USAGE = 2;
    private static final int REFUSED = 254;
    /** Of what takes as long as it takes: the agent ends it, too, when who has asked is gone. */
    private static final Duration LONG_WORK = Duration.ofHours(1);

    private final AestusClient node;
    private final PrintStream out;
    private final PrintStream err;

    private CriProgram(AestusClient node, PrintStream out, PrintStream err) {
        this.node = node;
        this.out = out;
        this.err = err;
    }

    /** Does what the arguments say, and ends the process. */
    public static void main(String[] args) {
        var out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        var err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        int code = run(List.of(args), System.getenv(), out, err);
        out.flush();
        Runtime.getRuntime().halt(code); // nothing is left to be done
    }

    /** Does it, and returns the exit code. */
    static int run(List<String> args, Map<String, String> environment, PrintStream out, PrintStream err) {
        try {
            CriArguments arguments = CriArguments.parse(args, environment);
            try (var node = AestusClient.connect(arguments.socket())) {
                return new CriProgram(node, out, err).answer(arguments.words());
            }
        } catch (IllegalArgumentException e) {
            err.println("aestus: " + e.getMessage());
            err.println("aestus cri --help lists the commands");
            return WRONG_USAGE;
        } catch (AestusException e) {
            err.println("aestus: " + e.message());
            e.remedy().ifPresent(err::println);
            return REFUSED;
        }
    }

    private int answer(List<String> words) {
        String command = words.getFirst();
        List<String> operands = words.subList(1, words.size());
        int wanted =
                switch (command) {
                    case "version", "status", "pods", "ps", "images" -> 0;
                    case "inspect", "pull" -> 1;
                    case "exec" -> Math.max(2, operands.size());
                    default -> throw new IllegalArgumentException("unknown command " + Quoted.of("cri " + command));
                };
        if (operands.size() != wanted) {
            throw new IllegalArgumentException("cri " + command + " does not take " + operands.size() + " operands");
        }
        return switch (command) {
            case "version" -> print(Answers.version(node.version()));
            case "status" -> print(Answers.status(node.status()));
            case "pods" -> print(Answers.all(node.sandboxes(), Answers::sandbox));
            case "ps" -> print(Answers.all(node.containers(), Answers::container));
            case "images" -> print(Answers.all(node.images(), Answers::image));
            case "inspect" -> print(Answers.report(node.container(operands.getFirst())));
            case "pull" -> print(Answers.pulled(node.within(LONG_WORK).pull(operands.getFirst())));
            default -> exec(operands.getFirst(), operands.subList(1, operands.size()));
        };
    }

    private int print(Json answer) {
        out.print(JsonWriter.prettyText(answer));
        return 0;
    }

    private int exec(String container, List<String> command) {
        ExecResult result = node.within(LONG_WORK).exec(container, command);
        out.print(result.stdout());
        err.print(result.stderr());
        return result.code();
    }
}
