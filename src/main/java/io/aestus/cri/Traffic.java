package io.aestus.cri;

import io.aestus.executor.PodOptions;
import io.aestus.executor.PodState;
import io.aestus.executor.PodStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What went through a network interface of a pod. Counters are unsigned. */
record Traffic(String networkInterface, Direction received, Direction sent) {
    private static final int SENT = 8;
    private static final int COUNTERS = 16;

    /** In one direction. */
    record Direction(long bytes, long packets, long errors, long dropped) {}

    /** Of a pod with a network of its own; the host's belongs to nobody. Empty if there is none, or the pod ended meanwhile. */
    static List<Traffic> of(PodStatus pod) {
        if (!(pod.state() instanceof PodState.Running running)
                || pod.options().network() == PodOptions.NetworkMode.HOST) {
            return List.of();
        }
        try {
            return parse(Files.readAllLines(Path.of("/proc/" + running.pid() + "/net/dev")));
        } catch (IOException _) {
            return List.of();
        }
    }

    /** Of the lines of {@code /proc/PID/net/dev}: two of headings, then one for each interface. Without the loopback one. */
    static List<Traffic> parse(List<String> lines) {
        var found = new ArrayList<Traffic>();
        for (String line : lines.subList(Math.min(2, lines.size()), lines.size())) {
            int colon = line.indexOf(':');
            String[] counters = line.substring(colon + 1).strip().split("\\s+", -1);
            String name = line.substring(0, Math.max(0, colon)).strip();
            if (colon > 0 && counters.length >= COUNTERS && !name.equals("lo")) {
                found.add(new Traffic(name, direction(counters, 0), direction(counters, SENT)));
            }
        }
        return found;
    }

    private static Direction direction(String[] counters, int from) {
        return new Direction(
                Long.parseUnsignedLong(counters[from]),
                Long.parseUnsignedLong(counters[from + 1]),
                Long.parseUnsignedLong(counters[from + 2]),
                Long.parseUnsignedLong(counters[from + 3]));
    }
}
