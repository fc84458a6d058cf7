package io.aestus.linux;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * What the members of a cgroup may use. What is empty stays as it is. Immutable.
 *
 * @param memoryBytes the hard limit; {@link #UNLIMITED} lifts it
 * @param memoryReservationBytes what reclaim should leave alone
 * @param memoryAndSwapBytes limit of both together; {@link #UNLIMITED} lifts it
 * @param cpuShares relative weight as cgroup v1 counts it, 2 to 262144; 1024 is the default
 * @param cpuQuotaMicros processor time per period; {@link #UNLIMITED} lifts it
 * @param cpuPeriodMicros 100,000 where not given
 * @param cpus processors that may be used, as {@code 0-3,6}
 * @param memoryNodes NUMA nodes, as {@code 0-1}
 * @param processes how many processes and threads there may be; {@link #UNLIMITED} lifts it
 * @param devices replaces the list of usable devices
 * @param blockBytesPerSecond for reads and for writes, of each disk
 * @param blockOperationsPerSecond likewise
 * @param hugePages limit in bytes by page size ({@code 2MB})
 * @param unified cgroup v2 files and their contents, written as they are
 */
public record CgroupLimits(
        OptionalLong memoryBytes,
        OptionalLong memoryReservationBytes,
        OptionalLong memoryAndSwapBytes,
        OptionalLong cpuShares,
        OptionalLong cpuQuotaMicros,
        OptionalLong cpuPeriodMicros,
        Optional<String> cpus,
        Optional<String> memoryNodes,
        OptionalLong processes,
        Optional<List<DeviceRule>> devices,
        OptionalLong blockBytesPerSecond,
        OptionalLong blockOperationsPerSecond,
        Map<String, Long> hugePages,
        Map<String, String> unified) {

    public static final long UNLIMITED = -1;
    static final long DEFAULT_PERIOD_MICROS = 100_000;

    /** Nothing changes. */
    public static final CgroupLimits NONE = builder().build();

    public CgroupLimits {
        devices = devices.map(List::copyOf);
        hugePages = Map.copyOf(hugePages);
        unified = Map.copyOf(unified);
    }

    public static Builder builder() {
        return new Builder();
    }

    /** The same, but however many processes. */
    public CgroupLimits withoutProcesses() {
        return new CgroupLimits(
                memoryBytes,
                memoryReservationBytes,
                memoryAndSwapBytes,
                cpuShares,
                cpuQuotaMicros,
                cpuPeriodMicros,
                cpus,
                memoryNodes,
                OptionalLong.empty(),
                devices,
                blockBytesPerSecond,
                blockOperationsPerSecond,
                hugePages,
                unified);
    }

    /** Collects limits. Not thread-safe. */
    public static final class Builder {
        private OptionalLong memory = OptionalLong.empty();
        private OptionalLong reservation = OptionalLong.empty();
        private OptionalLong memoryAndSwap = OptionalLong.empty();
        private OptionalLong shares = OptionalLong.empty();
        private OptionalLong quota = OptionalLong.empty();
        private OptionalLong period = OptionalLong.empty();
        private Optional<String> cpus = Optional.empty();
        private Optional<String> nodes = Optional.empty();
        private OptionalLong processes = OptionalLong.empty();
        private Optional<List<DeviceRule>> devices = Optional.empty();
        private OptionalLong blockBytes = OptionalLong.empty();
        private OptionalLong blockOperations = OptionalLong.empty();
        private final Map<String, Long> hugePages = new TreeMap<>();
        private final Map<String, String> unified = new TreeMap<>();

        private Builder() {}

        public Builder memoryBytes(long bytes) {
            memory = OptionalLong.of(bytes);
            return this;
        }

        public Builder memoryReservationBytes(long bytes) {
            reservation = OptionalLong.of(bytes);
            return this;
        }

        public Builder memoryAndSwapBytes(long bytes) {
            memoryAndSwap = OptionalLong.of(bytes);
            return this;
        }

        public Builder cpuShares(long count) {
            shares = OptionalLong.of(count);
            return this;
        }

        public Builder cpuQuotaMicros(long micros) {
            quota = OptionalLong.of(micros);
            return this;
        }

        public Builder cpuPeriodMicros(long micros) {
            period = OptionalLong.of(micros);
            return this;
        }

        public Builder cpus(String list) {
            cpus = Optional.of(list);
            return this;
        }

        public Builder memoryNodes(String list) {
            nodes = Optional.of(list);
            return this;
        }

        public Builder processes(long count) {
            processes = OptionalLong.of(count);
            return this;
        }

        public Builder devices(List<DeviceRule> rules) {
            devices = Optional.of(rules);
            return this;
        }

        public Builder blockBytesPerSecond(long bytes) {
            blockBytes = OptionalLong.of(bytes);
            return this;
        }

        public Builder blockOperationsPerSecond(long count) {
            blockOperations = OptionalLong.of(count);
            return this;
        }

        public Builder hugePages(String pageSize, long bytes) {
            hugePages.put(pageSize, bytes);
            return this;
        }

        public Builder unified(String file, String content) {
            unified.put(file, content);
            return this;
        }

        public CgroupLimits build() {
            return new CgroupLimits(
                    memory,
                    reservation,
                    memoryAndSwap,
                    shares,
                    quota,
                    period,
                    cpus,
                    nodes,
                    processes,
                    devices,
                    blockBytes,
                    blockOperations,
                    hugePages,
                    unified);
        }
    }
}
