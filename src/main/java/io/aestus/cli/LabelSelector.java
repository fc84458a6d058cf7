package io.aestus.cli;

import io.aestus.Quoted;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which labels are wanted, in the words of Kubernetes: {@code app=web,tier!=db,env in (dev,test),canary,!old}. All
 * requirements must hold. What says {@code !=} or {@code notin} holds of a pod without that label too.
 *
 * @see <a href="https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors">label selectors</a>
 */
record LabelSelector(List<Requirement> requirements) {
    /**
     * One of them.
     *
     * @param values none where only the presence of the label counts
     * @param isWanted whether it must be so, or must not be so
     */
    record Requirement(String label, Set<String> values, boolean isWanted) {
        boolean holds(Map<String, String> labels) {
            String value = labels.get(label);
            return (value != null && (values.isEmpty() || values.contains(value))) == isWanted;
        }
    }

    LabelSelector {
        requirements = List.copyOf(requirements);
    }

    boolean matches(Map<String, String> labels) {
        for (Requirement each : requirements) {
            if (!each.holds(labels)) {
                return false;
            }
        }
        return true;
    }

    /** @throws WrongUsage unless {@code text} is a selector */
    static LabelSelector parse(String text) {
        return new Reader(text).read();
    }

    private static final class Reader {
        private final String text;
        private int at;

        Reader(String text) {
            this.text = text;
        }

        LabelSelector read() {
            var all = new ArrayList<Requirement>();
            do {
                all.add(requirement());
            } while (takes(","));
            if (at < text.length()) {
                throw wrong();
            }
            return new LabelSelector(all);
        }

        private Requirement requirement() {
            if (takes("!")) {
                return new Requirement(word(), Set.of(), false);
            }
            String label = word();
            if (takes("!=")) {
                return new Requirement(label, Set.of(value()), false);
            }
            if (takes("==") || takes("=")) {
                return new Requirement(label, Set.of(value()), true);
            }
            int before = at;
            String operator = value();
            if (operator.equals("in") || operator.equals("notin")) {
                return new Requirement(label, set(), operator.equals("in"));
            }
            at = before;
            return new Requirement(label, Set.of(), true);
        }

        private Set<String> set() {
            var values = new TreeSet<String>();
            require("(");
            do {
                values.add(value());
            } while (takes(","));
            require(")");
            return values;
        }

        private void require(String sign) {
            if (!takes(sign)) {
                throw wrong();
            }
        }

        private boolean takes(String sign) {
            skipBlanks();
            if (!text.startsWith(sign, at)) {
                return false;
            }
            at += sign.length();
            return true;
        }

        private String word() {
            String word = value();
            if (word.isEmpty()) {
                throw wrong();
            }
            return word;
        }

        /** May be empty, as the value of a label may. */
        private String value() {
            skipBlanks();
            int from = at;
            while (at < text.length() && "=!,() ".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            return text.substring(from, at);
        }

        private void skipBlanks() {
            while (at < text.length() && text.charAt(at) == ' ') {
                at++;
            }
        }

        private WrongUsage wrong() {
            return new WrongUsage("cannot read --selector " + Quoted.of(text) + ": did not understand it from "
                    + Quoted.of(text.substring(at)) + " on, expected such as app=web,tier!=db,env in (dev,test)");
        }
    }
}
