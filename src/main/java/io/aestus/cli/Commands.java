package io.aestus.cli;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A table of commands: name, one line of description, and how to make one. Only the command that is asked for is built.
 *
 * @param entries in the order in which help lists them
 */
record Commands(List<Entry> entries) {
    /** The commands of {@code aestus} itself. */
    static final Commands TOP = new Commands(List.of(
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
