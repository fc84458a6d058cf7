package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.Isolator;
import io.aestus.appc.Isolators;
import io.aestus.appc.LinuxIsolator;
import io.aestus.appc.Quantity;
import io.aestus.appc.ResourceIsolator;
import io.aestus.linux.CgroupLimits;
import io.aestus.linux.DeviceRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What isolators ask of a cgroup. */
final class Limits {
    private static final long PERIOD_MICROS = 100_000;
    private static final long SHARES_PER_CORE = 1024;
    private static final long LEAST_SHARES = 2;
    private static final long MOST_SHARES = 262_144;
    private static final long LEAST_QUOTA_MICROS = 1000;
    /** More than any host has, and less than the kernel refuses. */
    private static final long MOST_MILLICORES = 1_000_000_000;

    /** What the kernel needs to start a program at all: page tables, stacks, its first pages. */
    private static final long LEAST_MEMORY = 1 << 20;

    private Limits() {}

    /**
     * The limits that isolators name.
     *
     * @throws AestusException {@link Problem#INVALID} for one that nothing could run under
     */
    static CgroupLimits of(Isolators isolators) {
        return builder(isolators).build();
    }

    /** Those of an app in a pod, with the devices that it may use. */
    static CgroupLimits of(Isolators app, Isolators pod, List<DeviceRule> devices) {
        var limits = builder(app);
        cpuLimit(app)
                .filter(own -> cpuLimit(pod).filter(all -> all < own).isPresent())
                .ifPresent(_ ->
                        // Version 1 refuses a share of the pod's that is larger than the pod's.
                        limits.cpuQuotaMicros(cpuLimit(pod).orElseThrow()));
        return limits.devices(devices).build();
    }

    private static CgroupLimits.Builder builder(Isolators isolators) {
        var limits = CgroupLimits.builder();
        for (Isolator isolator : isolators.all()) {
            switch (isolator) {
                case ResourceIsolator.Memory memory -> {
                    memory.limit().map(Limits::memory).ifPresent(limits::memoryBytes);
                    memory.request().map(Quantity::wholeUp).ifPresent(limits::memoryReservationBytes);
                }
                case ResourceIsolator.Cpu cpu -> {
                    cpuLimit(isolators).ifPresent(quota -> {
                        limits.cpuQuotaMicros(quota);
                        limits.cpuPeriodMicros(PERIOD_MICROS);
                    });
                    cpu.request().map(Limits::shares).ifPresent(limits::cpuShares);
                }
                case LinuxIsolator.CpuShares shares -> limits.cpuShares(shares.shares());
                case ResourceIsolator.BlockBandwidth block -> limits.blockBytesPerSecond(rate(block));
                case ResourceIsolator.BlockIops block -> limits.blockOperationsPerSecond(rate(block));
                case ResourceIsolator.NetworkBandwidth network ->
                    rate(network); // of the pod's networks, not of a cgroup
                default -> {
                    // not a matter of cgroups, or ours
                }
            }
        }
        CgroupIsolator.in(isolators).addTo(limits);
        OwnIsolators.in(isolators).addTo(limits);
        return limits;
    }

    private static long memory(Quantity limit) {
        long bytes = limit.wholeUp();
        if (bytes < LEAST_MEMORY) {
            throw impossible("memory to " + limit, "no program starts in less than 1Mi");
        }
        return bytes;
    }

    private static Optional<Long> cpuLimit(Isolators isolators) {
        return isolators
                .find(ResourceIsolator.Cpu.class)
                .flatMap(ResourceIsolator.Cpu::limit)
                .map(Limits::quota);
    }

    private static long quota(Quantity limit) {
        if (limit.isZero()) {
            throw impossible("processors to 0", "without any nothing runs");
        }
        return Math.max(LEAST_QUOTA_MICROS, Math.min(MOST_MILLICORES, limit.milliUp()) * PERIOD_MICROS / 1000);
    }

    private static long shares(Quantity request) {
        return Math.clamp(
                Math.min(MOST_MILLICORES, request.milliUp()) * SHARES_PER_CORE / 1000, LEAST_SHARES, MOST_SHARES);
    }

    /** Nothing a second would be no limit at all to the kernel. */
    static long rate(ResourceIsolator.Throttled isolator) {
        if (isolator.limit().isZero()) {
            throw impossible(isolator.name() + " to 0", "a rate is more than nothing");
        }
        return isolator.limit().wholeUp();
    }

    private static AestusException impossible(String what, String why) {
        return new AestusException(Problem.INVALID, "cannot limit " + what + ": " + why)
                .withRemedy("a higher limit, or none");
    }

    /** The devices that an app may use. */
    static List<DeviceRule> devices(AppOptions options, List<HostDevice> given) {
        if (options.privilege() == AppOptions.Privilege.PRIVILEGED) {
            return DeviceRule.EVERYTHING;
        }
        var rules = new ArrayList<>(DeviceRule.STANDARD);
        if (options.terminal() == AppOptions.Terminal.TTY) {
            rules.add(DeviceRule.CONSOLE);
        }
        given.forEach(device -> rules.add(device.rule()));
        return rules;
    }
}
