package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.Isolator;
import io.aestus.appc.Isolators;
import io.aestus.appc.Quantity;
import io.aestus.executor.AppOptions.Device;
import io.aestus.executor.AppOptions.ResourceLimit;
import io.aestus.json.JsonNumber;
import io.aestus.json.JsonView;
import io.aestus.linux.CgroupLimits;
import io.aestus.linux.Rlimit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Isolators of ours, for what Linux can confine and the schema has no word for. Immutable.
 *
 * @param processes how many processes and threads there may be
 * @param hugePages bytes by page size, as {@code 2MB}
 * @param cpus processors that may be used, as {@code 0-3,6}
 * @param memoryNodes NUMA nodes, likewise
 * @param devices of the host; of a pod's isolators alone, since an image could ask for the host's disks
 * @param rlimits limits of each process
 */
record OwnIsolators(
        OptionalLong processes,
        Map<String, Long> hugePages,
        Optional<String> cpus,
        Optional<String> memoryNodes,
        List<Device> devices,
        List<ResourceLimit> rlimits) {
    static final String PIDS = "aestus.io/pids";
    static final String HUGE_PAGES = "aestus.io/hugepages";
    static final String CPUSET = "aestus.io/cpuset";
    static final String DEVICES = "aestus.io/devices";
    static final String RLIMITS = "aestus.io/rlimits";
    static final String NOFILE = "aestus.io/ulimit-nofile";

    static final Set<String> NAMES = Set.of(PIDS, HUGE_PAGES, CPUSET, DEVICES, RLIMITS, NOFILE);

    private static final int MOST_DEVICES = 1000;

    OwnIsolators {
        hugePages = Map.copyOf(hugePages);
        devices = List.copyOf(devices);
        rlimits = List.copyOf(rlimits);
    }

    /**
     * Those among {@code isolators}.
     *
     * @throws AestusException {@link Problem#INVALID} naming what is wrong
     */
    static OwnIsolators in(Isolators isolators) {
        var read = new Reading();
        for (Isolator isolator : isolators.all()) {
            if (isolator instanceof Isolator.Unknown unknown && NAMES.contains(unknown.name())) {
                read.read(unknown);
            }
        }
        return new OwnIsolators(
                read.processes,
                read.hugePages,
                read.cpus,
                read.memoryNodes,
                read.devices,
                List.copyOf(read.rlimits.values()));
    }

    void addTo(CgroupLimits.Builder limits) {
        processes.ifPresent(limits::processes);
        hugePages.forEach(limits::hugePages);
        cpus.ifPresent(limits::cpus);
        memoryNodes.ifPresent(limits::memoryNodes);
    }

    private static final class Reading {
        private OptionalLong processes = OptionalLong.empty();
        private final Map<String, Long> hugePages = new LinkedHashMap<>();
        private Optional<String> cpus = Optional.empty();
        private Optional<String> memoryNodes = Optional.empty();
        private final List<Device> devices = new ArrayList<>();
        private final Map<Rlimit.Resource, ResourceLimit> rlimits = new LinkedHashMap<>();

        void read(Isolator.Unknown isolator) {
            var value = JsonView.of(isolator.value(), isolator.name());
            switch (isolator.name()) {
                case PIDS -> {
                    Quantity limit = Quantity.read(value.required("limit"));
                    if (limit.isZero()) {
                        throw value.required("limit").failure("must be at least 1: the app is a process itself");
                    }
                    processes = OptionalLong.of(limit.wholeUp());
                }
                case HUGE_PAGES ->
                    value.fields().forEach((size, bytes) -> {
                        CgroupIsolator.requirePageSize(size);
                        hugePages.put(size, Quantity.read(bytes).wholeUp());
                    });
                case CPUSET -> {
                    cpus = numbers(value, "cpus");
                    memoryNodes = numbers(value, "mems");
                    if (cpus.isEmpty() && memoryNodes.isEmpty()) {
                        throw value.failure("must have cpus or mems");
                    }
                }
                case DEVICES -> {
                    if (value.elements().size() > MOST_DEVICES) {
                        throw value.failure("must have " + MOST_DEVICES + " devices at most");
                    }
                    value.elements().forEach(device -> devices.add(device(device)));
                }
                case RLIMITS ->
                    value.fields().forEach((name, limit) -> {
                        var resource = Rlimit.Resource.find(name)
                                .orElseThrow(() -> limit.failure("is no resource limit such as NOFILE"));
                        rlimits.put(resource, limit(resource, limit));
                    });
                default -> rlimits.put(Rlimit.Resource.NOFILE, limit(Rlimit.Resource.NOFILE, value));
            }
        }

        private static Optional<String> numbers(JsonView value, String field) {
            return value.optional(field).map(list -> list.parsed(CgroupIsolator::requireNumbers));
        }

        /** The path in the app, the host's if that is another one, and any of {@code rwm}. */
        private static Device device(JsonView value) {
            String path = value.required("path").string();
            return new Device(
                    Path.of(value.optional("hostPath").map(JsonView::string).orElse(path)),
                    path,
                    value.optional("access").map(JsonView::string).orElse(""));
        }

        /** One number for both, or an object; {@code "unlimited"} for none. */
        private static ResourceLimit limit(Rlimit.Resource resource, JsonView value) {
            boolean isOne = value.value() instanceof JsonNumber || !hasFields(value);
            long soft = number(isOne ? value : value.required("soft"));
            long hard = isOne ? soft : number(value.required("hard"));
            if (Long.compareUnsigned(soft, hard) > 0) {
                throw value.required("soft").failure("must not be above hard");
            }
            return new ResourceLimit(resource.toString(), soft, hard);
        }

        private static boolean hasFields(JsonView value) {
            return value.value() instanceof io.aestus.json.JsonObject;
        }

        private static long number(JsonView value) {
            if (value.value() instanceof JsonNumber) {
                return value.whole(0, Long.MAX_VALUE);
            }
            String text = value.string();
            if (!text.equals("unlimited")) {
                throw value.failure("must be a number or unlimited, not " + Quoted.of(text));
            }
            return Rlimit.INFINITY;
        }
    }
}
