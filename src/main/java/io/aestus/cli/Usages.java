package io.aestus.cli;

import io.aestus.appc.AcName;
import io.aestus.appc.PodUuid;
import io.aestus.executor.AppState;
import io.aestus.executor.AppStatus;
import io.aestus.executor.AppUsage;
import io.aestus.executor.Executor;
import io.aestus.executor.PodState;
import io.aestus.executor.PodStatus;
import io.aestus.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** What running apps use, measured again and again: how busy one is follows from two measures. Not thread-safe. */
final class Usages {
    private final Executor executor;
    private Map<Key, AppUsage> last = Map.of();

    private record Key(PodUuid pod, AcName app) {}

    /**
     * One running app.
     *
     * @param cpus how many processors it kept busy since the measure before; empty the first time
     */
    record Row(PodStatus pod, AcName app, AppUsage usage, OptionalDouble cpus) {
        JsonObject json() {
            var json = JsonObject.builder()
                    .put("pod", pod.uuid().toString())
                    .put("pod_name", pod.options().name())
                    .put("app", app.value())
                    .put("at", usage.at())
                    .put("cpu_ns", usage.cpuNanos())
                    .put("memory_bytes", usage.memoryBytes())
                    .put("working_set_bytes", usage.workingSetBytes())
                    .put("rss_bytes", usage.rssBytes())
                    .put("swap_bytes", usage.swapBytes())
                    .put("page_faults", usage.pageFaults())
                    .put("major_page_faults", usage.majorPageFaults())
                    .put("processes", usage.processes())
                    .put("read_bytes", usage.readBytes())
                    .put("written_bytes", usage.writtenBytes());
            return json.build();
        }
    }

    Usages(Executor executor) {
        this.executor = executor;
    }

    /** Measures the running apps of {@code pods}. */
    List<Row> measure(List<PodStatus> pods) {
        var rows = new ArrayList<Row>();
        var now = new HashMap<Key, AppUsage>();
        for (PodStatus pod : pods) {
            if (!(pod.state() instanceof PodState.Running)) {
                continue;
            }
            for (AppStatus app : pod.apps()) {
                if (app.state() instanceof AppState.Running) {
                    Optional<AppUsage> usage = executor.usage(pod.uuid(), app.name());
                    if (usage.isPresent()) {
                        var key = new Key(pod.uuid(), app.name());
                        now.put(key, usage.get());
                        rows.add(new Row(pod, app.name(), usage.get(), cpus(last.get(key), usage.get())));
                    }
                }
            }
        }
        last = now;
        return rows;
    }

    private static OptionalDouble cpus(@Nullable AppUsage before, AppUsage now) {
        if (before == null || before.cpuNanos() < 0 || now.cpuNanos() < before.cpuNanos()) {
            return OptionalDouble.empty();
        }
        long passed = Duration.between(before.at(), now.at()).toNanos();
        return passed <= 0
                ? OptionalDouble.empty()
                : OptionalDouble.of((now.cpuNanos() - before.cpuNanos()) / (double) passed);
    }
}
