package io.aestus.linux;

import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads {@link CgroupStatistics} from the files of version 2. */
record CgroupV2Statistics(CgroupDirectory directory) {
    private static final long NANOS_PER_MICRO = 1000;

    CgroupStatistics read() throws IOException {
        return new CgroupStatistics(cpu(), memory(), directory.number("pids.current"), blockIo());
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
        return Optional.of(new CgroupStatistics.Memory(
                used,
                Math.max(0, used - CgroupDirectory.valueIn(counters, "inactive_file")),
                CgroupDirectory.valueIn(counters, "anon"),
                directory.number("memory.peak").orElse(used), // Linux 5.19
                directory.number("memory.swap.current").orElse(0),
                directory.number("memory.max"),
                CgroupDirectory.valueIn(counters, "pgfault"),
                CgroupDirectory.valueIn(counters, "pgmajfault")));
    }

    private Optional<CgroupStatistics.BlockIo> blockIo() throws IOException {
        if (!directory.has("io.stat")) {
            return Optional.empty();
        }
        long read = 0;
        long written = 0;
        for (String word : CgroupLayout.words(directory.read("io.stat"))) { // "8:0 rbytes=4096 wbytes=0 …"
            if (word.startsWith("rbytes=")) {
                read += Long.parseLong(word.substring("rbytes=".length()));
            } else if (word.startsWith("wbytes=")) {
                written += Long.parseLong(word.substring("wbytes=".length()));
            }
        }
        return Optional.of(new CgroupStatistics.BlockIo(read, written));
    }
}
