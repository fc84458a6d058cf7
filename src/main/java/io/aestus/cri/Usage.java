package io.aestus.cri;

import io.aestus.cri.v1.CpuUsage;
import io.aestus.cri.v1.IoUsage;
import io.aestus.cri.v1.MemoryUsage;
import io.aestus.cri.v1.NetworkInterfaceUsage;
import io.aestus.cri.v1.NetworkUsage;
import io.aestus.cri.v1.PsiData;
import io.aestus.cri.v1.PsiStats;
import io.aestus.cri.v1.SwapUsage;
import io.aestus.cri.v1.UInt64Value;
import io.aestus.executor.AppUsage;
import io.aestus.linux.CgroupStatistics;
import io.aestus.linux.PressureStall;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What was used, in the interface's words. What this host does not count is left out. */
final class Usage {
    private static final long NANOS_PER_MICRO = 1000;

    private Usage() {}

    /** @param nanoCores as in {@link CpuRates} */
    static CpuUsage cpu(AppUsage used, OptionalLong nanoCores) {
        var cpu = CpuUsage.newBuilder().setTimestamp(Sandboxes.nanos(used.at()));
        count(used.cpuNanos()).ifPresent(cpu::setUsageCoreNanoSeconds);
        nanoCores.ifPresent(busy -> cpu.setUsageNanoCores(value(busy)));
        used.counted().pressure().cpu().map(Usage::pressure).ifPresent(cpu::setPsi);
        return cpu.build();
    }

    static MemoryUsage memory(AppUsage used) {
        var memory = MemoryUsage.newBuilder().setTimestamp(Sandboxes.nanos(used.at()));
        count(used.memoryBytes()).ifPresent(memory::setUsageBytes);
        count(used.workingSetBytes()).ifPresent(memory::setWorkingSetBytes);
        used.counted()
                .memory()
                .map(counted -> left(counted.limitBytes(), counted.workingSetBytes()))
                .ifPresent(left -> left.ifPresent(bytes -> memory.setAvailableBytes(value(bytes))));
        count(used.rssBytes()).ifPresent(memory::setRssBytes);
        count(used.pageFaults()).ifPresent(memory::setPageFaults);
        count(used.majorPageFaults()).ifPresent(memory::setMajorPageFaults);
        used.counted().pressure().memory().map(Usage::pressure).ifPresent(memory::setPsi);
        return memory.build();
    }

    static Optional<SwapUsage> swap(AppUsage used) {
        return used.counted().memory().map(counted -> swap(used.at(), counted));
    }

    private static SwapUsage swap(Instant at, CgroupStatistics.Memory counted) {
        var swap =
                SwapUsage.newBuilder().setTimestamp(Sandboxes.nanos(at)).setSwapUsageBytes(value(counted.swapBytes()));
        left(counted.swapLimitBytes(), counted.swapBytes())
                .ifPresent(bytes -> swap.setSwapAvailableBytes(value(bytes)));
        return swap.build();
    }

    /** Waiting for disks is all that there is of them here. */
    static Optional<IoUsage> io(AppUsage used) {
        return used.counted().pressure().io().map(stall -> IoUsage.newBuilder()
                .setTimestamp(Sandboxes.nanos(used.at()))
                .setPsi(pressure(stall))
                .build());
    }

    private static OptionalLong left(OptionalLong limit, long used) {
        return limit.isEmpty() ? limit : OptionalLong.of(Math.max(0, limit.getAsLong() - used));
    }

    private static PsiStats pressure(PressureStall stall) {
        return PsiStats.newBuilder()
                .setSome(share(stall.some()))
                .setFull(share(stall.full()))
                .build();
    }

    private static PsiData share(PressureStall.Share share) {
        return PsiData.newBuilder()
                .setAvg10(share.percent10())
                .setAvg60(share.percent60())
                .setAvg300(share.percent300())
                .setTotal(share.totalMicros() * NANOS_PER_MICRO) // nanoseconds here
                .build();
    }

    /** Empty for what this host does not count. */
    static Optional<UInt64Value> count(long value) {
        return value < 0 ? Optional.empty() : Optional.of(value(value));
    }

    /** @param value unsigned */
    static UInt64Value value(long value) {
        return UInt64Value.newBuilder().setValue(value).build();
    }

    /** Empty if there are no interfaces. */
    static Optional<NetworkUsage> network(List<Traffic> interfaces, Instant at) {
        List<NetworkInterfaceUsage> usages =
                interfaces.stream().map(Usage::interfaceUsage).toList();
        return usages.isEmpty()
                ? Optional.empty()
                : Optional.of(NetworkUsage.newBuilder()
                        .setTimestamp(Sandboxes.nanos(at))
                        .setDefaultInterface(usages.getFirst())
                        .addAllInterfaces(usages)
                        .build());
    }

    private static NetworkInterfaceUsage interfaceUsage(Traffic traffic) {
        return NetworkInterfaceUsage.newBuilder()
                .setName(traffic.networkInterface())
                .setRxBytes(value(traffic.received().bytes()))
                .setRxErrors(value(traffic.received().errors()))
                .setTxBytes(value(traffic.sent().bytes()))
                .setTxErrors(value(traffic.sent().errors()))
                .build();
    }
}
