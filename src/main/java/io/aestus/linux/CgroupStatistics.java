package io.aestus.linux;

import java.util.Optional;
import java.util.OptionalLong;

/** What a cgroup and its children used so far; each part is empty where its controller is missing. */
public record CgroupStatistics(
        Optional<Cpu> cpu, Optional<Memory> memory, OptionalLong processes, Optional<BlockIo> blockIo) {

    /**
     * Processor time since the cgroup was made.
     *
     * @param throttledPeriods periods in which the quota ran out
     */
    public record Cpu(long totalNanos, long userNanos, long systemNanos, long throttledPeriods, long throttledNanos) {}

    /**
     * Memory now.
     *
     * @param usedBytes with the page cache
     * @param workingSetBytes what could not be had back at once: without inactive file pages
     * @param anonymousBytes memory that no file backs
     * @param limitBytes empty if unlimited
     */
    public record Memory(
            long usedBytes,
            long workingSetBytes,
            long anonymousBytes,
            long peakBytes,
            long swapBytes,
            OptionalLong limitBytes,
            long pageFaults,
            long majorPageFaults) {}

    /** Traffic with block devices. */
    public record BlockIo(long readBytes, long writtenBytes) {}
}
