package io.aestus.linux;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.linux.Cgroup.Unenforced;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** Writes {@link CgroupLimits} to the files of version 2. Not thread-safe. */
final class CgroupV2Limits {
    private static final String MAX = "max";
    private static final long LEAST_SHARES = 2;
    private static final long MOST_SHARES = 262_144;
    private static final long MOST_WEIGHT = 10_000;

    private final CgroupDirectory directory;
    private final CgroupFiles files;
    private final DeviceFilters deviceFilters;
    private final List<Unenforced> unenforced = new ArrayList<>();

    CgroupV2Limits(CgroupDirectory directory, CgroupFiles files, DeviceFilters deviceFilters) {
        this.directory = directory;
        this.files = files;
        this.deviceFilters = deviceFilters;
    }

    List<Unenforced> set(CgroupLimits limits) throws IOException {
        memory(limits);
        if (limits.cpuShares().isPresent()) {
            write("cpu.weight", Long.toString(weight(limits.cpuShares().getAsLong())), "cpu shares");
        }
        quota(limits);
        if (limits.cpus().isPresent()) {
            write("cpuset.cpus", limits.cpus().get(), "cpus");
        }
        if (limits.memoryNodes().isPresent()) {
            write("cpuset.mems", limits.memoryNodes().get(), "memory nodes");
        }
        number(limits.processes(), "pids.max", "processes");
        if (limits.devices().isPresent() && OwnUsers.areHosts()) { // else no node can be made that leads to another one
            deviceFilters.replace(directory.path(), limits.devices().get());
        }
        throttle(limits.blockBytesPerSecond(), "bps", "block bandwidth");
        throttle(limits.blockOperationsPerSecond(), "iops", "block operations");
        for (var page : limits.hugePages().entrySet()) {
            number(OptionalLong.of(page.getValue()), "hugetlb." + page.getKey() + ".max", "huge pages");
        }
        verbatim(limits.unified());
        return List.copyOf(unenforced);
    }

    private void memory(CgroupLimits limits) throws IOException {
        limits.memoryBytes().ifPresent(this::checkSign);
        refuseBelowUsage(limits.memoryBytes());
        number(limits.memoryBytes(), "memory.max", "memory");
        number(limits.memoryReservationBytes(), "memory.low", "memory request");
        if (limits.memoryAndSwapBytes().isPresent()) {
            swap(limits.memoryBytes(), limits.memoryAndSwapBytes().getAsLong());
        } else if (limits.memoryBytes().isPresent()
                && limits.memoryBytes().getAsLong() == CgroupLimits.UNLIMITED
                && directory.has("memory.swap.max")) {
            write("memory.swap.max", MAX, "memory and swap");
        }
    }

    private void checkSign(long bytes) {
        if (bytes < CgroupLimits.UNLIMITED) {
            throw new IllegalArgumentException("a negative limit: " + bytes);
        }
    }

    /** Lowering {@code memory.max} below usage would make the kernel end processes rather than refuse. */
    private void refuseBelowUsage(OptionalLong limit) throws IOException {
        if (limit.isPresent() && limit.getAsLong() != CgroupLimits.UNLIMITED) {
            long used = directory.number("memory.current").orElse(0);
            if (limit.getAsLong() < used) {
                throw new AestusException(
                        Problem.CONFLICT,
                        "cannot limit memory to %d bytes: %d are in use".formatted(limit.getAsLong(), used));
            }
        }
    }

    /** Version 2 limits swap alone where version 1 limits the sum. */
    private void swap(OptionalLong memory, long total) throws IOException {
        String swap;
        if (total == CgroupLimits.UNLIMITED) {
            swap = MAX;
        } else {
            long limit = memory.isPresent()
                    ? memory.getAsLong()
                    : directory.number("memory.max").orElse(CgroupLimits.UNLIMITED);
            if (limit < 0 || total < limit) {
                throw new AestusException(
                        Problem.INVALID,
                        "cannot limit memory and swap to %d bytes: memory alone may have %s"
                                .formatted(total, limit < 0 ? "any amount" : limit));
            }
            swap = Long.toString(total - limit);
        }
        boolean asItIs = swap.equals(MAX) || swap.equals("0"); // without swap in the kernel there is nothing to limit
        if (directory.has("memory.swap.max") || !asItIs) {
            write("memory.swap.max", swap, "memory and swap");
        }
    }

    private void quota(CgroupLimits limits) throws IOException {
        if (limits.cpuQuotaMicros().isEmpty() && limits.cpuPeriodMicros().isEmpty()) {
            return;
        }
        var current = CgroupLayout.words(directory.read("cpu.max")); // "QUOTA PERIOD"
        String quota = limits.cpuQuotaMicros().isPresent()
                ? limitText(limits.cpuQuotaMicros().getAsLong())
                : current.isEmpty() ? MAX : current.getFirst();
        String period = limits.cpuPeriodMicros().isPresent()
                ? Long.toString(limits.cpuPeriodMicros().getAsLong())
                : current.size() == 2 ? current.getLast() : Long.toString(CgroupLimits.DEFAULT_PERIOD_MICROS);
        write("cpu.max", quota + " " + period, "cpu quota");
    }

    /**
     * The weight (1 to 10000, 100 being the default) for shares of version 1 (2 to 262144, 1024 being the default), on a
     * curve through all three pairs, as the OCI runtimes have it since 2025.
     */
    static long weight(long shares) {
        if (shares <= LEAST_SHARES) {
            return 1;
        }
        if (shares >= MOST_SHARES) {
            return MOST_WEIGHT;
        }
        double log = Math.log((double) shares) / Math.log(2);
        double exponent = (log * log + 125 * log) / 612.0 - 7.0 / 34.0;
        return (long) Math.ceil(Math.pow(10, exponent) - 1e-9); // the curve meets 1024 = 100 but for rounding
    }

    private void throttle(OptionalLong rate, String unit, String what) throws IOException {
        if (rate.isPresent()) {
            for (String disk : files.disks()) {
                write("io.max", "%s r%s=%d w%2$s=%3$d".formatted(disk, unit, rate.getAsLong()), what);
            }
        }
    }

    /** Files that the user names: only plain ones of a controller, so that no process is moved and nothing else is hit. */
    private void verbatim(Map<String, String> unified) throws IOException {
        for (var entry : unified.entrySet()) {
            String file = entry.getKey();
            if (!file.matches("[a-z0-9_]+(\\.[A-Za-z0-9_]+)+") || file.startsWith("cgroup.")) {
                throw new AestusException(
                        Problem.INVALID, "cannot set " + Quoted.of(file) + ": not the file of a cgroup controller");
            }
            write(file, entry.getValue(), file);
        }
    }

    private void number(OptionalLong value, String file, String what) throws IOException {
        if (value.isPresent()) {
            write(file, limitText(value.getAsLong()), what);
        }
    }

    private static String limitText(long value) {
        return value == CgroupLimits.UNLIMITED ? MAX : Long.toString(value);
    }

    private void write(String file, String text, String what) throws IOException {
        if (directory.has(file)) {
            directory.write(file, text);
        } else {
            var limit = new Unenforced(what, "no " + file + " in " + directory.path());
            if (!unenforced.contains(limit)) {
                unenforced.add(limit);
            }
        }
    }
}
