package io.aestus.linux;

import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads {@link CgroupStatistics} from the files of version 2. */
record CgroupV2Statistics(CgroupDirectory directory) {
    private static final long NANOS_PER_MICRO = 1000;

    CgroupStatistics read() throws IOException {
        return new CgroupStatistics(
                cpu(), memory(), directory.number("pids.current"), blockIo(), CgroupStatistics.Pressure.in(directory));
    }

    private Optional<CgroupStatistics.Cpu> cpu() throws IOException {
        String counters = directory.read("cpu.stat");
        if (counters.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new CgroupStatistics.Cpu(
                CgroupDirectory.valueIn(counters, "usage_usec") * NANOS_PER_MICRO,
                CgroupDirectory.valueIn(counters, "user_usec") * NANOS_PER_MICRO,
                CgroupDirectory.valueIn(counters, "system_usec") * NANOS_PER_MICRO,
                CgroupDirectory.valueIn(counters, "nr_periods"),
                CgroupDirectory.valueIn(counters, "nr_throttled"),
                CgroupDirectory.valueIn(counters, "throttled_usec") * NANOS_PER_MICRO));
    }

    private Optional<CgroupStatistics.Memory> memory() throws IOException {
        OptionalLong current = directory.number("memory.current");
        if (current.isEmpty()) {
            return Optional.empty();
        }
        long used = current.getAsLong();
        String counters = directory.read("memory.stat");
        String events = directory.read("memory.events");
        return Optional.of(new CgroupStatistics.Memory(
                used,
                Math.max(0, used - CgroupDirectory.valueIn(counters, "inactive_file")),
                CgroupDirectory.valueIn(counters, "anon"),
                CgroupDirectory.valueIn(counters, "file"),
                CgroupDirectory.valueIn(counters, "file_mapped"),
                directory.number("memory.peak").orElse(used), // Linux 5.19
                directory.number("memory.swap.current").orElse(0),
                directory.number("memory.max"),
                directory.number("memory.swap.max"),
                CgroupDirectory.valueIn(counters, "pgfault"),
                CgroupDirectory.valueIn(counters, "pgmajfault"),
                CgroupDirectory.valueIn(events, "max"),
                CgroupDirectory.valueIn(events, "oom_kill")));
    }

    private Optional<CgroupStatistics.BlockIo> blockIo() throws IOException {
        if (!directory.has("io.stat")) {
            return Optional.empty();
        }
        String counters = directory.read("io.stat"); // "8:0 rbytes=4096 wbytes=0 rios=1 …", a line for each device
        return Optional.of(new CgroupStatistics.BlockIo(
                sum(counters, "rbytes="), sum(counters, "wbytes="), sum(counters, "rios="), sum(counters, "wios=")));
    }

    private static long sum(String counters, String key) {
        return CgroupLayout.words(counters).stream()
                .filter(word -> word.startsWith(key))
                .mapToLong(word -> Long.parseLong(word.substring(key.length())))
                .sum();
    }
}
