package io.aestus.linux;

import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * Reads {@link CgroupStatistics} from the files of version 1, and what the cgroup has no part in there from the tree of version
 * 2: every cgroup counts processor time and threads.
 */
record CgroupV1Statistics(Function<String, Optional<CgroupDirectory>> controllers, Optional<CgroupDirectory> unified) {
    private static final String USAGE = "cpuacct.usage";
    private static final String SERVED = "blkio.throttle.io_service_bytes_recursive";
    private static final String REQUESTS = "blkio.throttle.io_serviced_recursive";
    private static final long NANOS_PER_MICRO = 1000;

    /** {@code USER_HZ}: what {@code cpuacct.stat} counts in, on every architecture we know. */
    private static final long NANOS_PER_TICK = 10_000_000;

    /** The kernel's word for "no limit": the highest page-aligned count. */
    private static final long NO_LIMIT = 0x7fff_ffff_ffff_0000L;

    CgroupStatistics read() throws IOException {
        return new CgroupStatistics(cpu(), memory(), processes(), blockIo(), pressure());
    }

    private CgroupStatistics.Pressure pressure() {
        return unified.map(CgroupStatistics.Pressure::in).orElse(CgroupStatistics.Pressure.UNKNOWN);
    }

    private Optional<CgroupStatistics.Cpu> cpu() throws IOException {
        var accounting = controllers.apply("cpuacct").filter(directory -> directory.has(USAGE));
        if (accounting.isEmpty()) {
            return unifiedCpu();
        }
        String throttling = throttling();
        String ticks = accounting.get().read("cpuacct.stat");
        return Optional.of(new CgroupStatistics.Cpu(
                accounting.get().number(USAGE).orElse(0),
                CgroupDirectory.valueIn(ticks, "user") * NANOS_PER_TICK,
                CgroupDirectory.valueIn(ticks, "system") * NANOS_PER_TICK,
                CgroupDirectory.valueIn(throttling, "nr_periods"),
                CgroupDirectory.valueIn(throttling, "nr_throttled"),
                CgroupDirectory.valueIn(throttling, "throttled_time")));
    }

    private String throttling() throws IOException {
        var quota = controllers.apply("cpu");
        return quota.isPresent() ? quota.get().read("cpu.stat") : "";
    }

    private Optional<CgroupStatistics.Cpu> unifiedCpu() throws IOException {
        if (unified.isEmpty()) {
            return Optional.empty();
        }
        String throttling = throttling();
        String counters = unified.get().read("cpu.stat");
        return Optional.of(new CgroupStatistics.Cpu(
                CgroupDirectory.valueIn(counters, "usage_usec") * NANOS_PER_MICRO,
                CgroupDirectory.valueIn(counters, "user_usec") * NANOS_PER_MICRO,
                CgroupDirectory.valueIn(counters, "system_usec") * NANOS_PER_MICRO,
                CgroupDirectory.valueIn(throttling, "nr_periods"),
                CgroupDirectory.valueIn(throttling, "nr_throttled"),
                CgroupDirectory.valueIn(throttling, "throttled_time")));
    }

    private Optional<CgroupStatistics.Memory> memory() throws IOException {
        var memory = controllers.apply("memory").filter(directory -> directory.has("memory.usage_in_bytes"));
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
                CgroupDirectory.valueIn(counters, "total_cache"),
                CgroupDirectory.valueIn(counters, "total_mapped_file"),
                files.number("memory.max_usage_in_bytes").orElse(used),
                CgroupDirectory.valueIn(counters, "total_swap"),
                limit >= NO_LIMIT ? OptionalLong.empty() : OptionalLong.of(limit),
                swapLimit(files, limit),
                CgroupDirectory.valueIn(counters, "total_pgfault"),
                CgroupDirectory.valueIn(counters, "total_pgmajfault"),
                files.number("memory.failcnt").orElse(0),
                files.value("memory.oom_control", "oom_kill")));
    }

    /** Version 1 limits the sum of both. */
    private static OptionalLong swapLimit(CgroupDirectory memory, long limit) throws IOException {
        long both = memory.number("memory.memsw.limit_in_bytes").orElse(Long.MAX_VALUE);
        return both >= NO_LIMIT || limit >= NO_LIMIT
                ? OptionalLong.empty()
                : OptionalLong.of(Math.max(0, both - limit));
    }

    private OptionalLong processes() throws IOException {
        var counted = controllers.apply("pids").filter(directory -> directory.has("pids.current"));
        if (counted.isPresent()) {
            return counted.get().number("pids.current");
        }
        if (unified.isEmpty()) {
            return OptionalLong.empty();
        }
        long threads = 0;
        for (CgroupDirectory directory : unified.get().tree()) {
            threads += CgroupLayout.words(directory.read("cgroup.threads")).size();
        }
        return OptionalLong.of(threads);
    }

    private Optional<CgroupStatistics.BlockIo> blockIo() throws IOException {
        var block = controllers.apply("blkio").filter(directory -> directory.has(SERVED));
        if (block.isEmpty()) {
            return Optional.empty();
        }
        long[] bytes = readAndWritten(block.get().read(SERVED));
        long[] requests = readAndWritten(block.get().read(REQUESTS));
        return Optional.of(new CgroupStatistics.BlockIo(bytes[0], bytes[1], requests[0], requests[1]));
    }

    private static long[] readAndWritten(String counters) {
        long read = 0;
        long written = 0;
        for (String line : counters.lines().toList()) {
            var words = CgroupLayout.words(line); // "8:0 Read 4096"; the last line is a total without a device
            if (words.size() == 3 && words.get(1).equals("Read")) {
                read += Long.parseLong(words.get(2));
            } else if (words.size() == 3 && words.get(1).equals("Write")) {
                written += Long.parseLong(words.get(2));
            }
        }
        return new long[] {read, written};
    }
}
