package io.aestus.cri;

import io.aestus.cri.v1.ContainerMetrics;
import io.aestus.cri.v1.ContainerStats;
import io.aestus.cri.v1.LinuxPodSandboxStats;
import io.aestus.cri.v1.Metric;
import io.aestus.cri.v1.MetricDescriptor;
import io.aestus.cri.v1.MetricType;
import io.aestus.cri.v1.PodSandboxAttributes;
import io.aestus.cri.v1.PodSandboxFilter;
import io.aestus.cri.v1.PodSandboxMetadata;
import io.aestus.cri.v1.PodSandboxMetrics;
import io.aestus.cri.v1.PodSandboxStats;
import io.aestus.cri.v1.PodSandboxStatsFilter;
import io.aestus.cri.v1.ProcessUsage;
import io.aestus.cri.v1.UInt64Value;
import io.aestus.executor.AppState;
import io.aestus.executor.AppStatus;
import io.aestus.executor.AppUsage;
import io.aestus.executor.PodState;
import io.aestus.executor.PodStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/** What sandboxes use. One that ends meanwhile must not spoil the others. */
final class Statistics {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final List<String> LABELS = List.of("container", "id", "name", "namespace", "pod");

    private final Pods pods;
    private final SandboxCalls sandboxes;
    private final FileSystems fileSystems;

    Statistics(Pods pods, SandboxCalls sandboxes, FileSystems fileSystems) {
        this.pods = pods;
        this.sandboxes = sandboxes;
        this.fileSystems = fileSystems;
    }

    PodSandboxStats of(String id) throws InterruptedException {
        return of(sandboxes.require(id), DiskMeter.deadline());
    }

    List<PodSandboxStats> list(PodSandboxStatsFilter filter) throws InterruptedException {
        var wanted = PodSandboxFilter.newBuilder()
                .setId(filter.getId())
                .putAllLabelSelector(filter.getLabelSelectorMap())
                .build();
        var all = new ArrayList<PodSandboxStats>();
        long deadline = DiskMeter.deadline();
        for (PodStatus pod : running(wanted).toList()) {
            all.add(of(pod, deadline));
        }
        return all;
    }

    private Stream<PodStatus> running(PodSandboxFilter filter) {
        return sandboxes.list(filter).stream()
                .map(sandbox -> sandboxes.find(sandbox.getId()))
                .flatMap(Optional::stream)
                .filter(pod -> pod.state() instanceof PodState.Running);
    }

    private PodSandboxStats of(PodStatus pod, long deadline) throws InterruptedException {
        var linux = LinuxPodSandboxStats.newBuilder().addAllContainers(containers(pod, deadline));
        pods.usage(pod.uuid()).ifPresent(used -> {
            linux.setCpu(Usage.cpu(used)).setMemory(Usage.memory(used));
            Usage.count(used.processes())
                    .ifPresent(count -> linux.setProcess(ProcessUsage.newBuilder()
                            .setTimestamp(Sandboxes.nanos(used.at()))
                            .setProcessCount(count)));
            Usage.network(pod, used.at()).ifPresent(linux::setNetwork);
        });
        return PodSandboxStats.newBuilder()
                .setAttributes(PodSandboxAttributes.newBuilder()
                        .setId(pod.uuid().toString())
                        .setMetadata(Sandboxes.nameOf(pod))
                        .putAllLabels(pod.options().labels())
                        .putAllAnnotations(Kept.without(pod.options().annotations())))
                .setLinux(linux)
                .build();
    }

    private List<ContainerStats> containers(PodStatus pod, long deadline) throws InterruptedException {
        var all = new ArrayList<ContainerStats>();
        for (AppStatus app : runningContainers(pod).toList()) {
            all.add(ContainerReports.statsOf(
                    pod,
                    app,
                    pods.usage(pod.uuid(), app.name()),
                    fileSystems.writable(pod.uuid(), app.name(), deadline)));
        }
        return all;
    }

    private static Stream<AppStatus> runningContainers(PodStatus pod) {
        return pod.apps().stream()
                .filter(ContainerReports::isContainer)
                .filter(app -> app.state() instanceof AppState.Running);
    }

    // --- metrics

    /** A metric, named as cAdvisor names it. */
    private record Measure(String name, String help, MetricType type, ToLongFunction<AppUsage> value) {}

    private static final List<Measure> MEASURES = List.of(
            new Measure(
                    "container_cpu_usage_seconds_total",
                    "Processor time since the start, in seconds",
                    MetricType.COUNTER,
                    used -> used.cpuNanos() < 0 ? -1 : used.cpuNanos() / NANOS_PER_SECOND),
            new Measure(
                    "container_memory_usage_bytes",
                    "Memory with the page cache",
                    MetricType.GAUGE,
                    AppUsage::memoryBytes),
            new Measure(
                    "container_memory_working_set_bytes",
                    "Memory that cannot be given back easily",
                    MetricType.GAUGE,
                    AppUsage::workingSetBytes),
            new Measure("container_memory_rss", "Memory that no file backs", MetricType.GAUGE, AppUsage::rssBytes),
            new Measure("container_memory_swap", "Memory swapped out", MetricType.GAUGE, AppUsage::swapBytes),
            new Measure("container_threads", "Processes and threads", MetricType.GAUGE, AppUsage::processes),
            new Measure(
                    "container_fs_reads_bytes_total",
                    "Bytes read from block devices",
                    MetricType.COUNTER,
                    AppUsage::readBytes),
            new Measure(
                    "container_fs_writes_bytes_total",
                    "Bytes written to block devices",
                    MetricType.COUNTER,
                    AppUsage::writtenBytes));

    static List<MetricDescriptor> descriptors() {
        return MEASURES.stream()
                .map(measure -> MetricDescriptor.newBuilder()
                        .setName(measure.name())
                        .setHelp(measure.help())
                        .addAllLabelKeys(LABELS)
                        .build())
                .toList();
    }

    List<PodSandboxMetrics> metrics() {
        return running(PodSandboxFilter.getDefaultInstance())
                .map(pod -> PodSandboxMetrics.newBuilder()
                        .setPodSandboxId(pod.uuid().toString())
                        .addAllMetrics(metrics(pod, "", pod.uuid().toString(), pods.usage(pod.uuid())))
                        .addAllContainerMetrics(runningContainers(pod)
                                .map(app -> metrics(pod, app))
                                .toList())
                        .build())
                .toList();
    }

    private ContainerMetrics metrics(PodStatus pod, AppStatus app) {
        String id = ContainerId.of(pod.uuid(), app.name()).text();
        return ContainerMetrics.newBuilder()
                .setContainerId(id)
                .addAllMetrics(
                        metrics(pod, ContainerReports.nameOf(app).getName(), id, pods.usage(pod.uuid(), app.name())))
                .build();
    }

    private static List<Metric> metrics(PodStatus pod, String container, String id, Optional<AppUsage> usage) {
        List<Metric> metrics = new ArrayList<>();
        PodSandboxMetadata name = Sandboxes.nameOf(pod);
        usage.ifPresent(used -> MEASURES.forEach(measure -> {
            long value = measure.value().applyAsLong(used);
            if (value >= 0) {
                metrics.add(Metric.newBuilder()
                        .setName(measure.name())
                        .setTimestamp(Sandboxes.nanos(used.at()))
                        .setMetricType(measure.type())
                        .addAllLabelValues(List.of(container, id, id, name.getNamespace(), name.getName()))
                        .setValue(UInt64Value.newBuilder().setValue(value))
                        .build());
            }
        }));
        return metrics;
    }
}
