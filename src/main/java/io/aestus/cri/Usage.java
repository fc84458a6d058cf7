package io.aestus.cri;

import io.aestus.cri.v1.CpuUsage;
import io.aestus.cri.v1.MemoryUsage;
import io.aestus.cri.v1.NetworkInterfaceUsage;
import io.aestus.cri.v1.NetworkUsage;
import io.aestus.cri.v1.UInt64Value;
import io.aestus.executor.AppUsage;
import io.aestus.executor.PodOptions;
import io.aestus.executor.PodState;
import io.aestus.executor.PodStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What was used, in the interface's words. What this host does not count is left out. */
final class Usage {
    private static final int RECEIVED_BYTES = 0;
    private static final int RECEIVED_ERRORS = 2;
    private static final int SENT_BYTES = 8;
    private static final int SENT_ERRORS = 10;
    private static final int COUNTERS = 16;

    private Usage() {}

    static CpuUsage cpu(AppUsage used) {
        var cpu = CpuUsage.newBuilder().setTimestamp(Sandboxes.nanos(used.at()));
        count(used.cpuNanos()).ifPresent(cpu::setUsageCoreNanoSeconds);
        return cpu.build();
    }

    static MemoryUsage memory(AppUsage used) {
        var memory = MemoryUsage.newBuilder().setTimestamp(Sandboxes.nanos(used.at()));
        count(used.memoryBytes()).ifPresent(memory::setUsageBytes);
        count(used.workingSetBytes()).ifPresent(memory::setWorkingSetBytes);
        count(used.rssBytes()).ifPresent(memory::setRssBytes);
        count(used.pageFaults()).ifPresent(memory::setPageFaults);
        count(used.majorPageFaults()).ifPresent(memory::setMajorPageFaults);
        return memory.build();
    }

    /** Empty for what this host does not count. */
    static Optional<UInt64Value> count(long value) {
        return value < 0
                ? Optional.empty()
                : Optional.of(UInt64Value.newBuilder().setValue(value).build());
    }

    /** Traffic of a pod with a network of its own; the host's belongs to nobody. */
    static Optional<NetworkUsage> network(PodStatus pod, Instant at) {
        if (!(pod.state() instanceof PodState.Running running)
                || pod.options().network() == PodOptions.NetworkMode.HOST) {
            return Optional.empty();
        }
        try {
            return Optional.of(network(Files.readAllLines(Path.of("/proc/" + running.pid() + "/net/dev")), at));
        } catch (IOException e) {
            return Optional.empty(); // it ended meanwhile
        }
    }

    /** Of the lines of {@code /proc/PID/net/dev}: two of headings, then one for each interface. */
    static NetworkUsage network(List<String> lines, Instant at) {
        var usage = NetworkUsage.newBuilder().setTimestamp(Sandboxes.nanos(at));
        for (String line : lines.subList(Math.min(2, lines.size()), lines.size())) {
            int colon = line.indexOf(':');
            String[] counters = line.substring(colon + 1).strip().split("\\s+", -1);
            String name = line.substring(0, Math.max(0, colon)).strip();
            if (colon > 0 && counters.length >= COUNTERS && !name.equals("lo")) {
                NetworkInterfaceUsage of = interfaceUsage(name, counters);
                if (!usage.hasDefaultInterface()) {
                    usage.setDefaultInterface(of);
                }
                usage.addInterfaces(of);
            }
        }
        return usage.build();
    }

    private static NetworkInterfaceUsage interfaceUsage(String name, String[] counters) {
        return NetworkInterfaceUsage.newBuilder()
                .setName(name)
                .setRxBytes(counter(counters[RECEIVED_BYTES]))
                .setRxErrors(counter(counters[RECEIVED_ERRORS]))
                .setTxBytes(counter(counters[SENT_BYTES]))
                .setTxErrors(counter(counters[SENT_ERRORS]))
                .build();
    }

    private static UInt64Value counter(String text) {
        return UInt64Value.newBuilder().setValue(Long.parseUnsignedLong(text)).build();
    }
}
