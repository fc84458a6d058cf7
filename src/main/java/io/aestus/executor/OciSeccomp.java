package io.aestus.executor;

import io.aestus.json.Json;
import io.aestus.json.JsonArray;
import io.aestus.json.JsonNumber;
import io.aestus.json.JsonObject;
import io.aestus.linux.ArgumentTest;
import io.aestus.linux.ArgumentTest.Comparison;
import io.aestus.linux.SeccompAction;
import io.aestus.linux.SeccompPolicy;
import io.aestus.linux.SeccompPolicy.Rule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A seccomp policy as an OCI runtime takes it. With us the first rule of a call that fits decides; there, a rule without tests
 * decides whatever the others of that call say. So refusals of some values of an argument before a rule for all the rest are
 * turned into rules for the values between them.
 *
 * @see <a href="https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#seccomp">OCI: seccomp</a>
 */
final class OciSeccomp {
    private static final int RET_ACTION = 0xffff_0000;
    private static final int RET_DATA = 0xffff;
    private static final int ERRNO = 0x0005_0000;

    private OciSeccomp() {}

    static JsonObject of(SeccompPolicy policy) {
        Map<SeccompAction, List<String>> always = new LinkedHashMap<>();
        var conditional = new ArrayList<Json>();
        policy.rules().forEach((call, rules) -> {
            if (rules.getFirst().tests().isEmpty()) {
                always.computeIfAbsent(rules.getFirst().action(), _ -> new ArrayList<>())
                        .add(call);
            } else {
                conditional.addAll(ofTests(call, rules, policy.otherwise()));
            }
        });
        var calls = new ArrayList<Json>();
        always.forEach((action, names) -> {
            if (!action.equals(policy.otherwise())) {
                calls.add(entry(names, action, JsonArray.EMPTY));
            }
        });
        calls.addAll(conditional);
        var json = action(JsonObject.builder(), "defaultAction", "defaultErrnoRet", policy.otherwise());
        return json.put("architectures", Json.strings(List.of(architecture())))
                .put("syscalls", new JsonArray(calls))
                .build();
    }

    private static String architecture() {
        return switch (System.getProperty("os.arch", "")) {
            case "aarch64" -> "SCMP_ARCH_AARCH64";
            default -> "SCMP_ARCH_X86_64";
        };
    }

    private static List<Json> ofTests(String call, List<Rule> rules, SeccompAction otherwise) {
        Rule last = rules.getLast();
        List<Rule> tested = last.tests().isEmpty() ? rules.subList(0, rules.size() - 1) : rules;
        var entries = new ArrayList<Json>();
        if (last.tests().isEmpty() && !last.action().equals(otherwise)) {
            if (tested.stream().anyMatch(rule -> !rule.action().equals(otherwise))) {
                throw new IllegalStateException("no form for the rules of " + call);
            }
            between(call, tested, last.action(), entries);
            return entries;
        }
        for (Rule rule : tested) {
            entries.add(entry(List.of(call), rule.action(), Json.array(rule.tests(), OciSeccomp::test)));
        }
        return entries;
    }

    /** All values of the one argument that is tested but those for which {@code refused} has rules. */
    private static void between(String call, List<Rule> refused, SeccompAction action, List<Json> entries) {
        List<ArgumentTest> values = refused.stream()
                .map(rule -> single(call, rule))
                .sorted((one, other) -> Long.compareUnsigned(one.operand(), other.operand()))
                .toList();
        int argument = values.getFirst().argument();
        entries.add(
                range(call, action, argument, "SCMP_CMP_LT", values.getFirst().operand()));
        entries.add(
                range(call, action, argument, "SCMP_CMP_GT", values.getLast().operand()));
        for (int i = 0; i + 1 < values.size(); i++) {
            for (long value = values.get(i).operand() + 1;
                    value < values.get(i + 1).operand();
                    value++) {
                entries.add(range(call, action, argument, "SCMP_CMP_EQ", value));
            }
        }
    }

    private static ArgumentTest single(String call, Rule rule) {
        ArgumentTest test = rule.tests().getFirst();
        if (rule.tests().size() > 1 || test.comparison() != Comparison.EQUAL || test.mask() != ArgumentTest.INT) {
            throw new IllegalStateException("no form for the rules of " + call);
        }
        return test;
    }

    private static JsonObject range(String call, SeccompAction action, int argument, String operator, long value) {
        var test = JsonObject.builder()
                .put("index", argument)
                .put("value", number(value))
                .put("op", operator)
                .build();
        return entry(List.of(call), action, Json.array(test));
    }

    private static JsonObject test(ArgumentTest test) {
        boolean isMasked = test.comparison() == Comparison.EQUAL && test.mask() != ArgumentTest.WHOLE_REGISTER;
        if (isMasked) {
            return JsonObject.builder()
                    .put("index", test.argument())
                    .put("value", number(test.mask()))
                    .put("valueTwo", number(test.operand()))
                    .put("op", "SCMP_CMP_MASKED_EQ")
                    .build();
        }
        return JsonObject.builder()
                .put("index", test.argument())
                .put("value", number(test.operand()))
                .put("op", operator(test.comparison()))
                .build();
    }

    private static String operator(Comparison comparison) {
        return switch (comparison) {
            case EQUAL -> "SCMP_CMP_EQ";
            case NOT_EQUAL -> "SCMP_CMP_NE";
            case GREATER -> "SCMP_CMP_GT";
            case GREATER_OR_EQUAL -> "SCMP_CMP_GE";
            case LESS -> "SCMP_CMP_LT";
            case LESS_OR_EQUAL -> "SCMP_CMP_LE";
        };
    }

    private static JsonNumber number(long value) {
        return new JsonNumber(Long.toUnsignedString(value));
    }

    private static JsonObject entry(List<String> names, SeccompAction action, JsonArray tests) {
        var json = JsonObject.builder().put("names", Json.strings(names));
        return action(json, "action", "errnoRet", action)
                .putUnlessEmpty("args", tests)
                .build();
    }

    private static JsonObject.Builder action(
            JsonObject.Builder json, String name, String errnoName, SeccompAction action) {
        if ((action.code() & RET_ACTION) == ERRNO) {
            return json.put(name, "SCMP_ACT_ERRNO").put(errnoName, action.code() & RET_DATA);
        }
        return json.put(name, word(action));
    }

    private static String word(SeccompAction action) {
        if (action.equals(SeccompAction.ALLOW)) {
            return "SCMP_ACT_ALLOW";
        }
        if (action.equals(SeccompAction.LOG)) {
            return "SCMP_ACT_LOG";
        }
        if (action.equals(SeccompAction.TRAP)) {
            return "SCMP_ACT_TRAP";
        }
        return action.equals(SeccompAction.KILL_THREAD) ? "SCMP_ACT_KILL_THREAD" : "SCMP_ACT_KILL_PROCESS";
    }
}
