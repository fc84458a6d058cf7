package io.aestus.cri;

import io.aestus.linux.CgroupStatistics;
import io.aestus.linux.CgroupStatistics.Pressure;
import io.aestus.linux.PressureStall;
import java.util.Optional;
import java.util.OptionalLong;

/** What a kernel might count. */
final class FakeCounts {
    private FakeCounts() {}

    /** Of a kernel that counts little. */
    static CgroupStatistics ofApp() {
        return new CgroupStatistics(
                Optional.of(cpu(5_000)), Optional.empty(), OptionalLong.of(1), Optional.empty(), Pressure.UNKNOWN);
    }

    static CgroupStatistics ofPod() {
        return new CgroupStatistics(
                Optional.of(cpu(9_000_000_000L)),
                Optional.of(memory(8_192, 4_096, OptionalLong.empty(), OptionalLong.empty())),
                OptionalLong.of(2),
                Optional.empty(),
                Pressure.UNKNOWN);
    }

    /** Of a kernel that counts everything, for an app that has all limits. */
    static CgroupStatistics whole(long cpuNanos) {
        return new CgroupStatistics(
                Optional.of(cpu(cpuNanos)),
                Optional.of(memory(4_096, 2_048, OptionalLong.of(10_000), OptionalLong.of(700))),
                OptionalLong.of(1),
                Optional.of(new CgroupStatistics.BlockIo(10, 20, 1, 2)),
                new Pressure(Optional.of(stall(1)), Optional.of(stall(2)), Optional.of(stall(3))));
    }

    private static PressureStall stall(long seconds) {
        return new PressureStall(
                new PressureStall.Share(1.5, 0.5, 0.25, 2_000_000 * seconds),
                new PressureStall.Share(0.5, 0, 0, 1_000_000 * seconds));
    }

    private static CgroupStatistics.Cpu cpu(long nanos) {
        return new CgroupStatistics.Cpu(nanos, nanos / 2, nanos / 4, 3, 2, 1);
    }

    private static CgroupStatistics.Memory memory(
            long used, long workingSet, OptionalLong limit, OptionalLong swapLimit) {
        return new CgroupStatistics.Memory(
                used, workingSet, workingSet / 2, 100, 50, used * 2, 300, limit, swapLimit, 3, 1, 5, 6);
    }
}
