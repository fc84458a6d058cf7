package io.aestus.cri;

import io.aestus.cri.v1.LinuxContainerResources;
import io.aestus.cri.v1.MetricType;
import io.aestus.executor.AppUsage;
import io.aestus.linux.CgroupStatistics;
import io.aestus.linux.PressureStall;
import io.aestus.linux.ProcessFigures;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A metric, named and labelled as cAdvisor does it, for dashboards know those names. Values are whole: seconds are cut off.
 *
 * @param labels beside those that all have
 * @see <a href="https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md">cAdvisor: metrics</a>
 */
record Measure(
        String name, String help, MetricType type, List<String> labels, Function<Subject, Stream<Value>> values) {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long MICROS_PER_SECOND = 1_000_000L;

    /**
     * What is measured: a container, or a sandbox as a whole.
     *
     * @param started empty of sandboxes, as what is allowed is
     * @param writtenBytes what is on disk of its own
     * @param processes empty of sandboxes, and where there are too many
     */
    record Subject(
            AppUsage used,
            Optional<Instant> started,
            Optional<LinuxContainerResources> allowed,
            Optional<Long> writtenBytes,
            Optional<ProcessFigures> processes,
            List<Traffic> traffic) {}

    /** @param labels as many as those of its measure */
    record Value(List<String> labels, long value) {}

    /** All that there are; who lists them relies on the names' being different. */
    static final List<Measure> ALL = Stream.of(cpu(), memory(), disks(), pressure(), life(), processes(), network())
            .flatMap(List::stream)
            .toList();

    private static Measure of(String name, String help, MetricType type, Function<Subject, Optional<Long>> value) {
        return new Measure(name, help, type, List.of(), subject -> value.apply(subject).stream()
                .map(each -> new Value(List.of(), each)));
    }

    private static Measure ofCpu(String name, String help, Function<CgroupStatistics.Cpu, Long> value) {
        return of(name, help, MetricType.COUNTER, subject -> subject.used()
                .counted()
                .cpu()
                .map(value));
    }

    private static List<Measure> cpu() {
        return List.of(
                ofCpu(
                        "container_cpu_usage_seconds_total",
                        "Processor time since the start, in seconds",
                        cpu -> cpu.totalNanos() / NANOS_PER_SECOND),
                ofCpu(
                        "container_cpu_user_seconds_total",
                        "Processor time of programs themselves, in seconds",
                        cpu -> cpu.userNanos() / NANOS_PER_SECOND),
                ofCpu(
                        "container_cpu_system_seconds_total",
                        "Processor time of the kernel for them, in seconds",
                        cpu -> cpu.systemNanos() / NANOS_PER_SECOND),
                ofCpu(
                        "container_cpu_cfs_periods_total",
                        "Periods of the quota that have passed",
                        CgroupStatistics.Cpu::periods),
                ofCpu(
                        "container_cpu_cfs_throttled_periods_total",
                        "Periods in which the quota ran out",
                        CgroupStatistics.Cpu::throttledPeriods),
                ofCpu(
                        "container_cpu_cfs_throttled_seconds_total",
                        "Time for which the quota had run out, in seconds",
                        cpu -> cpu.throttledNanos() / NANOS_PER_SECOND),
                ofAllowed(
                        "container_spec_cpu_period",
                        "Period of the quota, in microseconds",
                        resources -> resources.getCpuPeriod()),
                ofAllowed(
                        "container_spec_cpu_quota",
                        "Processor time in each period, in microseconds",
                        resources -> resources.getCpuQuota()),
                ofAllowed(
                        "container_spec_cpu_shares",
                        "Weight among others that want a processor",
                        resources -> resources.getCpuShares()));
    }

    /** Left out where nothing was asked for. */
    private static Measure ofAllowed(String name, String help, Function<LinuxContainerResources, Long> value) {
        return of(name, help, MetricType.GAUGE, subject -> subject.allowed()
                .map(value)
                .filter(allowed -> allowed > 0));
    }

    private static Measure ofMemory(
            String name, String help, MetricType type, Function<CgroupStatistics.Memory, Long> value) {
        return of(name, help, type, subject -> subject.used().counted().memory().map(value));
    }

    private static List<Measure> memory() {
        return List.of(
                ofMemory(
                        "container_memory_usage_bytes",
                        "Memory with the page cache",
                        MetricType.GAUGE,
                        CgroupStatistics.Memory::usedBytes),
                ofMemory(
                        "container_memory_working_set_bytes",
                        "Memory that cannot be given back easily",
                        MetricType.GAUGE,
                        CgroupStatistics.Memory::workingSetBytes),
                ofMemory(
                        "container_memory_rss",
                        "Memory that no file backs",
                        MetricType.GAUGE,
                        CgroupStatistics.Memory::anonymousBytes),
                ofMemory(
                        "container_memory_cache",
                        "Memory that a file backs",
                        MetricType.GAUGE,
                        CgroupStatistics.Memory::cacheBytes),
                ofMemory(
                        "container_memory_mapped_file",
                        "Memory that a file backs and that is mapped",
                        MetricType.GAUGE,
                        CgroupStatistics.Memory::mappedBytes),
                ofMemory(
                        "container_memory_swap",
                        "Memory swapped out",
                        MetricType.GAUGE,
                        CgroupStatistics.Memory::swapBytes),
                ofMemory(
                        "container_memory_max_usage_bytes",
                        "The most memory there was",
                        MetricType.GAUGE,
                        CgroupStatistics.Memory::peakBytes),
                ofMemory(
                        "container_memory_failcnt",
                        "How often the limit was reached",
                        MetricType.COUNTER,
                        CgroupStatistics.Memory::limitHits),
                new Measure(
                        "container_memory_failures_total",
                        "Page faults of all processes",
                        MetricType.COUNTER,
                        List.of("failure_type", "scope"),
                        subject -> subject.used().counted().memory().stream().flatMap(Measure::faults)),
                ofMemory(
                        "container_oom_events_total",
                        "Processes ended for want of memory",
                        MetricType.COUNTER,
                        CgroupStatistics.Memory::outOfMemoryKills),
                // 0 for none is cAdvisor's
                ofMemory(
                        "container_spec_memory_limit_bytes",
                        "Limit of memory; 0 for none",
                        MetricType.GAUGE,
                        memory -> memory.limitBytes().orElse(0)),
                ofMemory(
                        "container_spec_memory_swap_limit_bytes",
                        "Limit of memory swapped out; 0 for none",
                        MetricType.GAUGE,
                        memory -> memory.swapLimitBytes().orElse(0)));
    }

    private static Stream<Value> faults(CgroupStatistics.Memory memory) {
        return Stream.of(
                new Value(List.of("pgfault", "hierarchy"), memory.pageFaults()),
                new Value(List.of("pgmajfault", "hierarchy"), memory.majorPageFaults()));
    }

    private static Measure ofDisks(String name, String help, Function<CgroupStatistics.BlockIo, Long> value) {
        return of(name, help, MetricType.COUNTER, subject -> subject.used()
                .counted()
                .blockIo()
                .map(value));
    }

    private static List<Measure> disks() {
        return List.of(
                ofDisks(
                        "container_fs_reads_bytes_total",
                        "Bytes read from block devices",
                        CgroupStatistics.BlockIo::readBytes),
                ofDisks("container_fs_reads_total", "Reads from block devices", CgroupStatistics.BlockIo::reads),
                ofDisks(
                        "container_fs_writes_bytes_total",
                        "Bytes written to block devices",
                        CgroupStatistics.BlockIo::writtenBytes),
                ofDisks("container_fs_writes_total", "Writes to block devices", CgroupStatistics.BlockIo::writes),
                of(
                        "container_fs_usage_bytes",
                        "Bytes written over the image",
                        MetricType.GAUGE,
                        Subject::writtenBytes));
    }

    private static List<Measure> pressure() {
        return Stream.of(
                        ofPressure("cpu", CgroupStatistics.Pressure::cpu),
                        ofPressure("memory", CgroupStatistics.Pressure::memory),
                        ofPressure("io", CgroupStatistics.Pressure::io))
                .flatMap(List::stream)
                .toList();
    }

    private static List<Measure> ofPressure(
            String resource, Function<CgroupStatistics.Pressure, Optional<PressureStall>> stall) {
        return List.of(
                of(
                        "container_pressure_" + resource + "_waiting_seconds_total",
                        "Time in which some waited, in seconds: " + resource,
                        MetricType.COUNTER,
                        subject -> stall.apply(subject.used().counted().pressure())
                                .map(found -> found.some().totalMicros() / MICROS_PER_SECOND)),
                of(
                        "container_pressure_" + resource + "_stalled_seconds_total",
                        "Time in which all waited, in seconds: " + resource,
                        MetricType.COUNTER,
                        subject -> stall.apply(subject.used().counted().pressure())
                                .map(found -> found.full().totalMicros() / MICROS_PER_SECOND)));
    }

    private static List<Measure> life() {
        return List.of(
                of("container_threads", "Processes and threads", MetricType.GAUGE, subject -> Optional.of(
                                subject.used().processes())
                        .filter(count -> count >= 0)),
                of(
                        "container_start_time_seconds",
                        "When it was started, in seconds since 1970",
                        MetricType.GAUGE,
                        subject -> subject.started().map(Instant::getEpochSecond)),
                of(
                        "container_last_seen",
                        "When it was measured, in seconds since 1970",
                        MetricType.GAUGE,
                        subject -> Optional.of(subject.used().at().getEpochSecond())));
    }

    private static Measure ofProcesses(String name, String help, Function<ProcessFigures, Long> value) {
        return of(name, help, MetricType.GAUGE, subject -> subject.processes().map(value));
    }

    private static List<Measure> processes() {
        return List.of(
                ofProcesses("container_processes", "Processes", ProcessFigures::processes),
                ofProcesses("container_file_descriptors", "Open descriptors", ProcessFigures::descriptors),
                ofProcesses("container_sockets", "Open sockets", ProcessFigures::sockets),
                new Measure(
                        "container_tasks_state",
                        "Processes and threads by what they do",
                        MetricType.GAUGE,
                        List.of("state"),
                        subject -> subject.processes().stream()
                                .flatMap(figures -> figures.threads().entrySet().stream())
                                .map(entry -> new Value(
                                        List.of(entry.getKey().name().toLowerCase(Locale.ROOT)), entry.getValue()))));
    }

    private static List<Measure> network() {
        return Stream.of(
                        ofDirection("receive", "received", Traffic::received),
                        ofDirection("transmit", "sent", Traffic::sent))
                .flatMap(List::stream)
                .toList();
    }

    private static List<Measure> ofDirection(String word, String verb, Function<Traffic, Traffic.Direction> direction) {
        String prefix = "container_network_" + word + "_";
        return List.of(
                ofTraffic(prefix + "bytes_total", "Bytes " + verb, direction.andThen(Traffic.Direction::bytes)),
                ofTraffic(prefix + "packets_total", "Packets " + verb, direction.andThen(Traffic.Direction::packets)),
                ofTraffic(prefix + "errors_total", "Packets not " + verb, direction.andThen(Traffic.Direction::errors)),
                ofTraffic(
                        prefix + "packets_dropped_total",
                        "Packets dropped that were to be " + verb,
                        direction.andThen(Traffic.Direction::dropped)));
    }

    private static Measure ofTraffic(String name, String help, Function<Traffic, Long> value) {
        return new Measure(name, help, MetricType.COUNTER, List.of("interface"), subject -> subject.traffic().stream()
                .map(each -> new Value(List.of(each.networkInterface()), value.apply(each))));
    }
}
