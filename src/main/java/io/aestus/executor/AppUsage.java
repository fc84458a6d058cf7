package io.aestus.executor;

import io.aestus.linux.CgroupStatistics;
import java.time.Instant;

/**
 * What an app, or a whole pod, has used. The figures that are asked for by name are −1 for what this host does not count.
 *
 * @param at when it was read
 * @param counted all that the host counts
 */
public record AppUsage(Instant at, CgroupStatistics counted) {
    /** Processor time since the start. */
    public long cpuNanos() {
        return counted.cpu().map(CgroupStatistics.Cpu::totalNanos).orElse(-1L);
    }

    /** Memory charged, caches included. */
    public long memoryBytes() {
        return counted.memory().map(CgroupStatistics.Memory::usedBytes).orElse(-1L);
    }

    /** Memory that cannot be given back easily. */
    public long workingSetBytes() {
        return counted.memory().map(CgroupStatistics.Memory::workingSetBytes).orElse(-1L);
    }

    /** Memory that no file backs. */
    public long rssBytes() {
        return counted.memory().map(CgroupStatistics.Memory::anonymousBytes).orElse(-1L);
    }

    /** Since the start. */
    public long pageFaults() {
        return counted.memory().map(CgroupStatistics.Memory::pageFaults).orElse(-1L);
    }

    /** Since the start. */
    public long majorPageFaults() {
        return counted.memory().map(CgroupStatistics.Memory::majorPageFaults).orElse(-1L);
    }

    /** Memory swapped out. */
    public long swapBytes() {
        return counted.memory().map(CgroupStatistics.Memory::swapBytes).orElse(-1L);
    }

    /** How many threads there are. */
    public long processes() {
        return counted.processes().orElse(-1);
    }

    /** Read from block devices. */
    public long readBytes() {
        return counted.blockIo().map(CgroupStatistics.BlockIo::readBytes).orElse(-1L);
    }

    /** Written to block devices. */
    public long writtenBytes() {
        return counted.blockIo().map(CgroupStatistics.BlockIo::writtenBytes).orElse(-1L);
    }
}
