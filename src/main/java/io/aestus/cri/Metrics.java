package io.aestus.cri;

import io.aestus.cri.v1.ContainerMetrics;
import io.aestus.cri.v1.Metric;
import io.aestus.cri.v1.MetricDescriptor;
import io.aestus.cri.v1.PodSandboxFilter;
import io.aestus.cri.v1.PodSandboxMetadata;
import io.aestus.cri.v1.PodSandboxMetrics;
import io.aestus.executor.AppState;
import io.aestus.executor.AppStatus;
import io.aestus.executor.AppUsage;
import io.aestus.executor.PodStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Every {@link Measure} of all that runs. */
final class Metrics {
    private static final List<String> LABELS = List.of("container", "id", "image", "name", "namespace", "pod");

    private final Pods pods;
    private final Statistics statistics;
    private final FileSystems fileSystems;

    Metrics(Pods pods, Statistics statistics, FileSystems fileSystems) {
        this.pods = pods;
        this.statistics = statistics;
        this.fileSystems = fileSystems;
    }

    static List<MetricDescriptor> descriptors() {
        return Measure.ALL.stream()
                .map(measure -> MetricDescriptor.newBuilder()
                        .setName(measure.name())
                        .setHelp(measure.help())
                        .addAllLabelKeys(with(LABELS, measure.labels()))
                        .build())
                .toList();
    }

    private static List<String> with(List<String> labels, List<String> more) {
        return Stream.concat(labels.stream(), more.stream()).toList();
    }

    List<PodSandboxMetrics> all() throws InterruptedException {
        var all = new ArrayList<PodSandboxMetrics>();
        long deadline = DiskMeter.deadline();
        for (PodStatus pod :
                statistics.running(PodSandboxFilter.getDefaultInstance()).toList()) {
            all.add(of(pod, deadline));
        }
        return all;
    }

    private PodSandboxMetrics of(PodStatus pod, long deadline) throws InterruptedException {
        String id = pod.uuid().toString();
        var metrics = PodSandboxMetrics.newBuilder().setPodSandboxId(id);
        pods.usage(pod.uuid())
                .ifPresent(used -> metrics.addAllMetrics(metrics(
                        labels(pod, "", id, ""),
                        new Measure.Subject(
                                used,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Traffic.of(pod)))));
        for (AppStatus app : Statistics.runningContainers(pod).toList()) {
            metrics.addContainerMetrics(of(pod, app, deadline));
        }
        return metrics.build();
    }

    private ContainerMetrics of(PodStatus pod, AppStatus app, long deadline) throws InterruptedException {
        String id = ContainerId.of(pod.uuid(), app.name()).text();
        var metrics = ContainerMetrics.newBuilder().setContainerId(id);
        Optional<AppUsage> used = pods.usage(pod.uuid(), app.name());
        if (used.isPresent()) {
            String image = Kept.IMAGE.in(app.options().annotations());
            metrics.addAllMetrics(metrics(
                    labels(pod, ContainerReports.nameOf(app).getName(), id, image),
                    subject(pod, app, used.get(), deadline)));
        }
        return metrics.build();
    }

    private Measure.Subject subject(PodStatus pod, AppStatus app, AppUsage used, long deadline)
            throws InterruptedException {
        Optional<Instant> started =
                app.state() instanceof AppState.Running running ? Optional.of(running.since()) : Optional.empty();
        return new Measure.Subject(
                used,
                started,
                app.app().app().map(how -> Confinement.resourcesOf(how.isolators())),
                fileSystems.writable(pod.uuid(), app.name(), deadline).map(usage -> usage.getUsedBytes()
                        .getValue()),
                pods.processes(pod.uuid(), app.name()),
                List.of());
    }

    private static List<String> labels(PodStatus pod, String container, String id, String image) {
        PodSandboxMetadata name = Sandboxes.nameOf(pod);
        return List.of(container, id, image, id, name.getNamespace(), name.getName());
    }

    private static List<Metric> metrics(List<String> labels, Measure.Subject subject) {
        var metrics = new ArrayList<Metric>();
        for (Measure measure : Measure.ALL) {
            measure.values()
                    .apply(subject)
                    .forEach(value -> metrics.add(Metric.newBuilder()
                            .setName(measure.name())
                            .setTimestamp(Sandboxes.nanos(subject.used().at()))
                            .setMetricType(measure.type())
                            .addAllLabelValues(with(labels, value.labels()))
                            .setValue(Usage.value(value.value()))
                            .build()));
        }
        return metrics;
    }
}
