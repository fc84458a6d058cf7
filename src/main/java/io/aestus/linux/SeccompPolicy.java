package io.aestus.linux;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a process may call, by name: for each call its rules in order, the first whose tests all hold decides, and
 * {@code otherwise} where none does. Independent of architecture; {@link SeccompFilter} makes a program of it. Immutable.
 *
 * @param rules a rule list per call
 * @param otherwise for calls without a rule, and where no rule applies
 * @param unknown for numbers above all that we know: calls newer than this program
 */
public record SeccompPolicy(Map<String, List<Rule>> rules, SeccompAction otherwise, SeccompAction unknown) {
    /**
     * One case of a call.
     *
     * @param tests all must hold; none means always
     */
    public record Rule(List<ArgumentTest> tests, SeccompAction action) {
        public Rule {
            tests = List.copyOf(tests);
        }
    }

    /**
     * What a process needs to become the app and to end, whatever its manifest retains: without these not even its first
     * instruction would run.
     */
    private static final List<String> INDISPENSABLE =
            List.of("execve", "exit", "exit_group", "rt_sigreturn", "sigreturn", "restart_syscall");

    /** Newer libraries try newer calls and fall back at ENOSYS only. */
    private static final SeccompAction NO_SUCH_CALL = SeccompAction.errno(Errno.ENOSYS);

    public SeccompPolicy {
        var copy = new LinkedHashMap<String, List<Rule>>();
        rules.forEach((name, list) -> copy.put(name, List.copyOf(list)));
        rules = java.util.Collections.unmodifiableMap(copy);
    }

    /** Allows {@code names} and what is indispensable; all others meet {@code otherwise}, unknown ones ENOSYS. */
    public static SeccompPolicy retain(Collection<String> names, SeccompAction otherwise) {
        return new Builder(otherwise, NO_SUCH_CALL)
                .on(names, SeccompAction.ALLOW)
                .on(INDISPENSABLE, SeccompAction.ALLOW)
                .build();
    }

    /** The same, but that {@code names} meet {@code action}, whatever they met before. */
    public SeccompPolicy without(Collection<String> names, SeccompAction action) {
        var changed = new LinkedHashMap<>(rules);
        names.forEach(name -> changed.put(name, List.of(new Rule(List.of(), action))));
        return new SeccompPolicy(changed, otherwise, unknown);
    }

    /** Whether a call is carried out whatever its arguments. */
    public boolean letsThrough(String call) {
        List<Rule> of = rules.getOrDefault(call, List.of());
        return of.stream().allMatch(rule -> rule.action().letsThrough())
                && (otherwise.letsThrough()
                        || of.stream().anyMatch(rule -> rule.tests().isEmpty()));
    }

    /** Whether somebody is asked about some call. */
    boolean asks() {
        return rules.values().stream().flatMap(List::stream).anyMatch(rule -> rule.action()
                .equals(SeccompAction.NOTIFY));
    }

    /** A policy to be built from parts, where calls without a rule meet {@code otherwise}. */
    public static Builder otherwise(SeccompAction otherwise) {
        return new Builder(otherwise, otherwise.letsThrough() ? otherwise : NO_SUCH_CALL);
    }

    /** Collects rules. Not thread-safe. */
    public static final class Builder {
        private final Map<String, List<Rule>> rules = new LinkedHashMap<>();
        private final SeccompAction otherwise;
        private final SeccompAction unknown;

        private Builder(SeccompAction otherwise, SeccompAction unknown) {
            this.otherwise = otherwise;
            this.unknown = unknown;
        }

        /** Adds a case to each of {@code names}, after those that they have. */
        public Builder on(Collection<String> names, SeccompAction action, ArgumentTest... tests) {
            for (String name : names) {
                rules.computeIfAbsent(name, _ -> new ArrayList<>()).add(new Rule(List.of(tests), action));
            }
            return this;
        }

        /** Adds a case to {@code name}, after those that it has. */
        public Builder on(String name, SeccompAction action, ArgumentTest... tests) {
            return on(List.of(name), action, tests);
        }

        public SeccompPolicy build() {
            return new SeccompPolicy(rules, otherwise, unknown);
        }
    }
}
