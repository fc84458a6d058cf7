package io.aestus.linux;

import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/** Reads {@link CgroupStatistics} from the files of version 1. */
record CgroupV1Statistics(Function<String, Optional<CgroupDirectory>> controllers) {
    /** {@code USER_HZ}: what {@code cpuacct.stat} counts in, on every architecture we know. */
    private static final long NANOS_PER_TICK = 10_000_000;

    /** The kernel's word for "no limit": the highest page-aligned count. */
    private static final long NO_LIMIT = 0x7fff_ffff_ffff_0000L;

    CgroupStatistics read() throws IOException {
        return new CgroupStatistics(cpu(), memory(), processes(), blockIo());
    }

    private Optional<CgroupStatistics.Cpu> cpu() throws IOException {
        var accounting = controllers.apply("cpuacct");
        if (accounting.isEmpty()) {
            return Optional.empty();
        }
        String ticks = accounting.get().read("cpuacct.stat");
        var quota = controllers.apply("cpu");
        String throttling = quota.isPresent() ? quota.get().read("cpu.stat") : "";
        return Optional.of(new CgroupStatistics.Cpu(
                accounting.get().number("cpuacct.usage").orElse(0),
                CgroupDirectory.valueIn(ticks, "user") * NANOS_PER_TICK,
                CgroupDirectory.valueIn(ticks, "system") * NANOS_PER_TICK,
                CgroupDirectory.valueIn(throttling, "nr_throttled"),
                CgroupDirectory.valueIn(throttling, "throttled_time")));
    }

    private Optional<CgroupStatistics.Memory> memory() throws IOException {
        var memory = controllers.apply("memory");
        if (memory.isEmpty()) {
            return Optional.empty();
        }
        CgroupDirectory files = memory.get();
        String counters = files.read("memory.stat");
        long used = files.number("memory.usage_in_bytes").orElse(0);
        long inactive = CgroupDirectory.valueIn(counters, "total_inactive_file");
        long limit = files.number("memory.limit_in_bytes").orElse(Long.MAX_VALUE);
        return Optional.of(new CgroupStatistics.Memory(
                used,
                Math.max(0, used - inactive),
                CgroupDirectory.valueIn(counters, "total_rss"),
                files.number("memory.max_usage_in_bytes").orElse(used),
                CgroupDirectory.valueIn(counters, "total_swap"),
                limit >= NO_LIMIT ? OptionalLong.empty() : OptionalLong.of(limit),
                CgroupDirectory.valueIn(counters, "total_pgfault"),
                CgroupDirectory.valueIn(counters, "total_pgmajfault")));
    }

    private OptionalLong processes() throws IOException {
        var pids = controllers.apply("pids");
        return pids.isPresent() ? pids.get().number("pids.current") : OptionalLong.empty();
    }

    private Optional<CgroupStatistics.BlockIo> blockIo() throws IOException {
        var block = controllers.apply("blkio");
        if (block.isEmpty()) {
            return Optional.empty();
        }
        long read = 0;
        long written = 0;
        String counters = block.get().read("blkio.throttle.io_service_bytes_recursive");
        for (String line : counters.lines().toList()) {
            var words = CgroupLayout.words(line); // "8:0 Read 4096"; the last line is a total without a device
            if (words.size() == 3 && words.get(1).equals("Read")) {
                read += Long.parseLong(words.get(2));
            } else if (words.size() == 3 && words.get(1).equals("Write")) {
                written += Long.parseLong(words.get(2));
            }
        }
        return Optional.of(new CgroupStatistics.BlockIo(read, written));
    }
}
