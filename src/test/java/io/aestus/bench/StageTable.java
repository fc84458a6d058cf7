package io.aestus.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What each stage of many rounds took, as a table in Markdown. */
final class StageTable {
    private final List<String> stages;
    private final List<long[]> rounds = new ArrayList<>();

    StageTable(List<String> stages) {
        this.stages = List.copyOf(stages);
    }

    /** @param nanos one for each stage */
    void add(long[] nanos) {
        rounds.add(nanos.clone());
    }

    void print(String title, int warmUps) {
        System.out.println("| " + title + " | median ms | minimum ms |");
        System.out.println("|---|---|---|");
        for (int stage = 0; stage < stages.size(); stage++) {
            int column = stage;
            long[] sorted = rounds.stream()
                    .skip(warmUps)
                    .mapToLong(nanos -> nanos[column])
                    .sorted()
                    .toArray();
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %.2f | %.2f |%n",
                    stages.get(stage),
                    sorted[sorted.length / 2] / 1e6,
                    sorted[0] / 1e6);
        }
        System.out.println();
    }
}
