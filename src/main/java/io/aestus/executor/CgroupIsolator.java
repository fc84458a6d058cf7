package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.Isolator;
import io.aestus.appc.Isolators;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import io.aestus.linux.CgroupLimits;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * Limits of a cgroup that the schema has no words for, as one isolator of ours, {@value #NAME}. Immutable.
 *
 * @param cpus processors that may be used, as {@code 0-3,6}
 * @param memoryNodes NUMA nodes, likewise
 * @param memoryAndSwapBytes limit of both together; −1 lifts it
 * @param hugePages limit in bytes by page size, as {@code 2MB}
 * @param unified files of cgroup v2 and what is written to them
 */
public record CgroupIsolator(
        Optional<String> cpus,
        Optional<String> memoryNodes,
        OptionalLong memoryAndSwapBytes,
        Map<String, Long> hugePages,
        Map<String, String> unified) {
    public static final String NAME = "aestus.io/cgroup";
    public static final CgroupIsolator NONE =
            new CgroupIsolator(Optional.empty(), Optional.empty(), OptionalLong.empty(), Map.of(), Map.of());

    private static final Pattern NUMBERS = Pattern.compile("[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*");
    private static final Pattern PAGE_SIZE = Pattern.compile("[0-9]+[KMGT]?B");
    /** Of a controller that limits: what moves or kills processes is none. */
    private static final Pattern FILE =
            Pattern.compile("(cpu|cpuset|hugetlb|io|memory|misc|pids|rdma)\\.[a-zA-Z0-9_.]{1,64}");

    /** @throws AestusException {@link Problem#INVALID} naming what is wrong */
    public CgroupIsolator {
        hugePages = Map.copyOf(hugePages);
        unified = Map.copyOf(unified);
        cpus.ifPresent(list -> require(NUMBERS, list, "processors"));
        memoryNodes.ifPresent(list -> require(NUMBERS, list, "memory nodes"));
        hugePages.keySet().forEach(CgroupIsolator::requirePageSize);
        unified.keySet().forEach(file -> require(FILE, file, "a file of a cgroup's limits"));
    }

    static String requireNumbers(String list) {
        require(NUMBERS, list, "processors or memory nodes");
        return list;
    }

    static void requirePageSize(String size) {
        require(PAGE_SIZE, size, "a size of huge pages");
    }

    private static void require(Pattern form, String text, String what) {
        if (!form.matcher(text).matches()) {
            throw new AestusException(
                    Problem.INVALID, "cannot limit a cgroup: " + Quoted.of(text) + " does not name " + what);
        }
    }

    /** The one among {@code isolators}, or one that limits nothing. */
    public static CgroupIsolator in(Isolators isolators) {
        return isolators.all().stream()
                .filter(isolator -> isolator.name().equals(NAME))
                .map(CgroupIsolator::read)
                .findFirst()
                .orElse(NONE);
    }

    private static CgroupIsolator read(Isolator isolator) {
        if (!(isolator instanceof Isolator.Unknown unknown)) {
            return NONE;
        }
        var view = JsonView.of(unknown.value(), NAME);
        Map<String, Long> pages = new LinkedHashMap<>();
        view.optional("hugePages").ifPresent(sizes -> sizes.fields()
                .forEach((size, bytes) -> pages.put(size, bytes.whole(0, Long.MAX_VALUE))));
        var swap = view.optional("memoryAndSwap").map(bytes -> bytes.whole(-1, Long.MAX_VALUE));
        return new CgroupIsolator(
                view.optional("cpus").map(JsonView::string),
                view.optional("memoryNodes").map(JsonView::string),
                swap.map(OptionalLong::of).orElseGet(OptionalLong::empty),
                pages,
                view.stringMap("unified"));
    }

    /** As an app's manifest has it. */
    public Isolator toIsolator() {
        var pages = JsonObject.builder();
        hugePages.forEach(pages::put);
        var files = JsonObject.builder();
        unified.forEach(files::put);
        return new Isolator.Unknown(
                NAME,
                JsonObject.builder()
                        .put("cpus", cpus)
                        .put("memoryNodes", memoryNodes)
                        .put("memoryAndSwap", memoryAndSwapBytes)
                        .putUnlessEmpty("hugePages", pages.build())
                        .putUnlessEmpty("unified", files.build())
                        .build());
    }

    void addTo(CgroupLimits.Builder limits) {
        cpus.ifPresent(limits::cpus);
        memoryNodes.ifPresent(limits::memoryNodes);
        memoryAndSwapBytes.ifPresent(limits::memoryAndSwapBytes);
        hugePages.forEach(limits::hugePages);
        unified.forEach(limits::unified);
    }
}
