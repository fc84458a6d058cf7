package io.aestus.aci;

import io.aestus.Quoted;
import java.util.ArrayList;
import java.util.List;

/** What was not carried over from an archive, for a person to read. Says where for the first few, then only counts. */
final class Notes {
    private static final int MOST = 100;

    private final List<String> lines = new ArrayList<>();
    private long more;

    void add(String what, String path) {
        if (lines.size() < MOST) {
            lines.add(what + " of " + Quoted.of(path));
        } else {
            more++;
        }
    }

    List<String> lines() {
        var all = new ArrayList<>(lines);
        if (more > 0) {
            all.add("and " + more + " more");
        }
        return List.copyOf(all);
    }
}
