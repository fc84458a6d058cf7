package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.json.JsonNumber;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonView;
import io.aestus.linux.ArgumentTest;
import io.aestus.linux.ArgumentTest.Comparison;
import io.aestus.linux.CapabilitySet;
import io.aestus.linux.SeccompAction;
import io.aestus.linux.SeccompGroups;
import io.aestus.linux.SeccompPolicy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which system calls a program may make, in the form of OCI runtimes. As there, a rule without tests decides for its call
 * whatever else is said of it, tests of one argument are alternatives, and calls that no architecture has are left out.
 *
 * @param json as it was written
 * @see <a href="https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#seccomp">OCI: seccomp</a>
 */
public record SeccompProfile(JsonObject json) {
    private static final int EPERM = 1;
    private static final int MAX_ERRNO = 4095;
    private static final int MOST_CALLS = 4096;

    /** What a child calls when it has its filter, until who answers has the descriptor. */
    private static final List<String> HANDING_OVER = List.of("fcntl", "prctl", "read", "write");

    /** They say how a filter is installed, and change nothing of what it refuses. */
    private static final Set<String> FLAGS =
            Set.of("SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW");

    private static final Map<String, Comparison> COMPARISONS = Map.of(
            "SCMP_CMP_NE", Comparison.NOT_EQUAL,
            "SCMP_CMP_LT", Comparison.LESS,
            "SCMP_CMP_LE", Comparison.LESS_OR_EQUAL,
            "SCMP_CMP_EQ", Comparison.EQUAL,
            "SCMP_CMP_GE", Comparison.GREATER_OR_EQUAL,
            "SCMP_CMP_GT", Comparison.GREATER,
            "SCMP_CMP_MASKED_EQ", Comparison.EQUAL);

    /**
     * Reads a profile.
     *
     * @param what the text, for messages
     * @throws AestusException {@link io.aestus.Problem#INVALID} naming what is wrong, or cannot be done
     */
    public static SeccompProfile read(byte[] text, String what) {
        JsonView view = JsonReader.read(text, what);
        policy(view, CapabilitySet.ALL);
        return new SeccompProfile(view.object());
    }

    /** The same for a filter of a program with these capabilities, for which some rules may count and others not. */
    SeccompPolicy policy(CapabilitySet capabilities) {
        return policy(JsonView.of(json, "the seccomp profile"), capabilities);
    }

    private static SeccompPolicy policy(JsonView profile, CapabilitySet capabilities) {
        Optional<Listener> listener = listener(profile);
        profile.list("flags", flag -> flag).stream()
                .filter(flag -> !FLAGS.contains(flag.string()))
                .forEach(flag -> {
                    throw flag.failure("no such flag is known here");
                });
        SeccompAction otherwise = action(profile, "defaultAction", "defaultErrnoRet");
        var cases = new LinkedHashMap<String, List<SeccompPolicy.Rule>>();
        List<JsonView> entries = profile.list("syscalls", entry -> entry);
        var condition = SeccompCondition.ofHost(capabilities);
        for (JsonView entry : entries) {
            add(entry, condition, otherwise, listener, cases);
        }
        var policy = SeccompPolicy.otherwise(otherwise);
        cases.forEach((name, rules) -> rules.forEach(
                rule -> policy.on(name, rule.action(), rule.tests().toArray(ArgumentTest[]::new))));
        return policy.build();
    }

    private static void add(
            JsonView entry,
            SeccompCondition condition,
            SeccompAction otherwise,
            Optional<Listener> listener,
            Map<String, List<SeccompPolicy.Rule>> cases) {
        SeccompAction action = action(entry, "action", "errnoRet");
        if (action.equals(SeccompAction.NOTIFY)) {
            requireFree(entry, listener);
        }
        List<List<ArgumentTest>> alternatives = alternatives(entry.list("args", SeccompProfile::test));
        List<String> names = entry.strings("names");
        if (names.isEmpty() || names.size() > MOST_CALLS) {
            throw entry.failure("must name at least one call, and " + MOST_CALLS + " at most");
        }
        if (!condition.admits(entry) || action.equals(otherwise)) {
            return; // says nothing
        }
        for (String name : names) {
            if (SeccompGroups.isCall(name)) {
                List<SeccompPolicy.Rule> rules = cases.computeIfAbsent(name, _ -> new ArrayList<>());
                boolean isDecided = !rules.isEmpty() && rules.getLast().tests().isEmpty();
                if (alternatives.getFirst().isEmpty() && !isDecided) {
                    rules.clear();
                }
                if (!isDecided) {
                    alternatives.forEach(tests -> rules.add(new SeccompPolicy.Rule(tests, action)));
                }
            }
        }
    }

    /**
     * Who answers what a filter asks about.
     *
     * @param path of a unix socket, absolute
     * @param metadata that is handed on
     */
    record Listener(Path path, String metadata) {}

    /** Who answers, if anybody. */
    Optional<Listener> listener() {
        return listener(JsonView.of(json, "the seccomp profile"));
    }

    private static Optional<Listener> listener(JsonView profile) {
        return profile.optional("listenerPath").map(path -> {
            if (!path.string().startsWith("/")) {
                throw path.failure("must be an absolute path");
            }
            return new Listener(
                    path.parsed(Path::of),
                    profile.optional("listenerMetadata").map(JsonView::string).orElse(""));
        });
    }

    /** What hands over the descriptor cannot wait for who has it. */
    private static void requireFree(JsonView entry, Optional<Listener> listener) {
        if (listener.isEmpty()) {
            throw entry.required("action").failure("asks somebody, and there is no listenerPath");
        }
        if (entry.strings("names").stream().anyMatch(HANDING_OVER::contains)) {
            throw entry.required("names").failure("nobody can be asked about " + String.join(", ", HANDING_OVER));
        }
    }

    /** Tests of different arguments must all hold; if two are of one argument, each of all is a case of its own. */
    private static List<List<ArgumentTest>> alternatives(List<ArgumentTest> tests) {
        boolean areDifferent =
                tests.stream().map(ArgumentTest::argument).distinct().count() == tests.size();
        return areDifferent ? List.of(tests) : tests.stream().map(List::of).toList();
    }

    private static ArgumentTest test(JsonView arg) {
        int index = arg.required("index").wholeInt(0, 5);
        long value = register(arg.required("value"));
        JsonView op = arg.required("op");
        Comparison comparison = op.oneOf(COMPARISONS);
        if (op.string().equals("SCMP_CMP_MASKED_EQ")) {
            long wanted = arg.optional("valueTwo").map(SeccompProfile::register).orElse(0L);
            return new ArgumentTest(index, comparison, wanted & value, value);
        }
        return new ArgumentTest(index, comparison, value, ArgumentTest.WHOLE_REGISTER);
    }

    /** All 64 bits of it, unsigned. */
    private static long register(JsonView view) {
        try {
            return view.value() instanceof JsonNumber(String digits)
                    ? Long.parseUnsignedLong(digits)
                    : view.whole(0, Long.MAX_VALUE);
        } catch (NumberFormatException _) {
            throw view.failure("must be a whole number from 0 to " + Long.toUnsignedString(-1));
        }
    }

    private static SeccompAction action(JsonView of, String field, String errnoField) {
        JsonView word = of.required(field);
        int errno = of.optional(errnoField)
                .map(number -> number.wholeInt(0, MAX_ERRNO))
                .orElse(EPERM);
        return switch (word.string()) {
            case "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD" -> SeccompAction.KILL_THREAD;
            case "SCMP_ACT_KILL_PROCESS" -> SeccompAction.KILL_PROCESS;
            case "SCMP_ACT_TRAP" -> SeccompAction.TRAP;
            case "SCMP_ACT_ERRNO" -> SeccompAction.errno(errno);
            case "SCMP_ACT_TRACE" -> SeccompAction.trace(errno);
            case "SCMP_ACT_LOG" -> SeccompAction.LOG;
            case "SCMP_ACT_ALLOW" -> SeccompAction.ALLOW;
            case "SCMP_ACT_NOTIFY" -> {
                if (!field.equals("action")) {
                    throw word.failure("nobody can be asked about all calls");
                }
                yield SeccompAction.NOTIFY;
            }
            default -> throw word.failure("no such action is known");
        };
    }
}
