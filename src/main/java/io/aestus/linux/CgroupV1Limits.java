package io.aestus.linux;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.linux.Cgroup.Unenforced;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Writes {@link CgroupLimits} to the files of version 1. Not thread-safe. */
final class CgroupV1Limits {
    private static final String MEMORY = "memory.limit_in_bytes";
    private static final String MEMORY_AND_SWAP = "memory.memsw.limit_in_bytes";

    private final Controllers controllers;
    private final CgroupFiles files;
    private final List<Unenforced> unenforced = new ArrayList<>();

    /** The cgroup in the hierarchies of controllers, where there are such. */
    @FunctionalInterface
    interface Controllers {
        Optional<CgroupDirectory> enter(String controller) throws IOException;
    }

    CgroupV1Limits(Controllers controllers, CgroupFiles files) {
        this.controllers = controllers;
        this.files = files;
    }

    List<Unenforced> set(CgroupLimits limits) throws IOException {
        memory(limits);
        processor(limits);
        text(limits.cpus(), "cpuset", "cpuset.cpus", "cpus");
        text(limits.memoryNodes(), "cpuset", "cpuset.mems", "memory nodes");
        number(limits.processes(), "pids", "pids.max", "processes");
        devices(limits);
        throttle(limits.blockBytesPerSecond(), "bps", "block bandwidth");
        throttle(limits.blockOperationsPerSecond(), "iops", "block operations");
        for (var page : limits.hugePages().entrySet()) {
            OptionalLong bytes = OptionalLong.of(page.getValue());
            number(bytes, "hugetlb", "hugetlb." + page.getKey() + ".limit_in_bytes", "huge pages");
        }
        for (String file : limits.unified().keySet()) {
            unenforced.add(new Unenforced(file, "this host limits by cgroup v1"));
        }
        return List.copyOf(unenforced);
    }

    /**
     * The limit of memory may never be above that of memory and swap: growing, the latter goes first, shrinking, the
     * former.
     */
    private void memory(CgroupLimits limits) throws IOException {
        var memory = controllers.enter("memory");
        refuseBelowUsage(memory, limits.memoryBytes());
        boolean grows = memory.isPresent()
                && limits.memoryBytes().isPresent()
                && isAbove(limits.memoryBytes().getAsLong(), memory.get().number(MEMORY));
        if (grows) {
            number(limits.memoryAndSwapBytes(), "memory", MEMORY_AND_SWAP, "memory and swap");
        }
        number(limits.memoryBytes(), "memory", MEMORY, "memory");
        if (!grows) {
            number(limits.memoryAndSwapBytes(), "memory", MEMORY_AND_SWAP, "memory and swap");
        }
        number(limits.memoryReservationBytes(), "memory", "memory.soft_limit_in_bytes", "memory request");
    }

    private static void refuseBelowUsage(Optional<CgroupDirectory> memory, OptionalLong limit) throws IOException {
        if (memory.isPresent() && limit.isPresent() && limit.getAsLong() >= 0) {
            long used = memory.get().number("memory.usage_in_bytes").orElse(0);
            if (limit.getAsLong() < used) {
                throw new AestusException(
                        Problem.CONFLICT,
                        "cannot limit memory to %d bytes: %d are in use".formatted(limit.getAsLong(), used));
            }
        }
    }

    private static boolean isAbove(long limit, OptionalLong current) {
        return limit == CgroupLimits.UNLIMITED || (current.isPresent() && limit > current.getAsLong());
    }

    /** Period and quota must fit each other at each moment: whichever order the kernel takes is right. */
    private void processor(CgroupLimits limits) throws IOException {
        number(limits.cpuShares(), "cpu", "cpu.shares", "cpu shares");
        if (limits.cpuQuotaMicros().isEmpty() && limits.cpuPeriodMicros().isEmpty()) {
            return;
        }
        OptionalLong period = limits.cpuPeriodMicros();
        try {
            number(period, "cpu", "cpu.cfs_period_us", "cpu quota");
            number(limits.cpuQuotaMicros(), "cpu", "cpu.cfs_quota_us", "cpu quota");
        } catch (IOException refusedInThisOrder) {
            number(limits.cpuQuotaMicros(), "cpu", "cpu.cfs_quota_us", "cpu quota");
            number(period, "cpu", "cpu.cfs_period_us", "cpu quota");
        }
    }

    private void devices(CgroupLimits limits) throws IOException {
        if (limits.devices().isEmpty()) {
            return;
        }
        var devices = controllers.enter("devices");
        if (devices.isEmpty()) {
            unenforced.add(new Unenforced("devices", noController("devices")));
            return;
        }
        devices.get().write("devices.deny", "a");
        devices.get()
                .writeEach(
                        "devices.allow",
                        limits.devices().get().stream().map(DeviceRule::line).toList());
    }

    private void throttle(OptionalLong rate, String unit, String what) throws IOException {
        if (rate.isEmpty()) {
            return;
        }
        for (String disk : files.disks()) {
            for (String direction : List.of("read", "write")) {
                String file = "blkio.throttle.%s_%s_device".formatted(direction, unit);
                text(Optional.of(disk + " " + rate.getAsLong()), "blkio", file, what);
            }
        }
    }

    private void number(OptionalLong value, String controller, String file, String what) throws IOException {
        if (value.isPresent()) {
            boolean isPids = controller.equals("pids");
            String text = isPids && value.getAsLong() < 0 ? "max" : Long.toString(value.getAsLong());
            text(Optional.of(text), controller, file, what);
        }
    }

    private void text(Optional<String> value, String controller, String file, String what) throws IOException {
        if (value.isEmpty()) {
            return;
        }
        var directory = controllers.enter(controller);
        if (directory.isEmpty()) {
            add(new Unenforced(what, noController(controller)));
        } else if (!directory.get().has(file)) {
            add(new Unenforced(what, "this kernel has no " + file));
        } else {
            directory.get().write(file, value.get());
        }
    }

    private void add(Unenforced limit) {
        if (!unenforced.contains(limit)) {
            unenforced.add(limit);
        }
    }

    private static String noController(String controller) {
        return "no cgroup controller " + controller;
    }
}
