package io.aestus.cri;

import io.aestus.cri.v1.ContainerAttributes;
import io.aestus.cri.v1.ContainerStats;
import io.aestus.cri.v1.LinuxPodSandboxStats;
import io.aestus.cri.v1.ProcessUsage;
import io.aestus.executor.AppStatus;
import io.aestus.executor.AppUsage;
import io.aestus.executor.PodStatus;
import java.util.Optional;

/** What one container or sandbox uses, in the interface's words. One that ended meanwhile has no figures. Thread-safe. */
final class Figures {
    private final Pods pods;
    private final FileSystems fileSystems;
    private final CpuRates rates = new CpuRates();

    Figures(Pods pods, FileSystems fileSystems) {
        this.pods = pods;
        this.fileSystems = fileSystems;
    }

    /** @param deadline as {@link DiskMeter#deadline} */
    ContainerStats of(PodStatus pod, AppStatus app, long deadline) throws InterruptedException {
        String id = ContainerId.of(pod.uuid(), app.name()).text();
        var stats = ContainerStats.newBuilder()
                .setAttributes(ContainerAttributes.newBuilder()
                        .setId(id)
                        .setMetadata(ContainerReports.nameOf(app))
                        .putAllLabels(app.options().labels())
                        .putAllAnnotations(Kept.without(app.options().annotations())));
        pods.usage(pod.uuid(), app.name()).ifPresent(used -> {
            stats.setCpu(Usage.cpu(used, rates.nanoCores(id, used))).setMemory(Usage.memory(used));
            Usage.swap(used).ifPresent(stats::setSwap);
            Usage.io(used).ifPresent(stats::setIo);
        });
        fileSystems.writable(pod.uuid(), app.name(), deadline).ifPresent(stats::setWritableLayer);
        return stats.build();
    }

    /** Of the sandbox as a whole: with no containers yet. */
    LinuxPodSandboxStats.Builder of(PodStatus pod) {
        var stats = LinuxPodSandboxStats.newBuilder();
        pods.usage(pod.uuid()).ifPresent(used -> {
            stats.setCpu(Usage.cpu(used, rates.nanoCores(pod.uuid(), used))).setMemory(Usage.memory(used));
            processes(used).ifPresent(stats::setProcess);
            Usage.io(used).ifPresent(stats::setIo);
            Usage.network(Traffic.of(pod), used.at()).ifPresent(stats::setNetwork);
        });
        return stats;
    }

    private static Optional<ProcessUsage> processes(AppUsage used) {
        return Usage.count(used.processes()).map(count -> ProcessUsage.newBuilder()
                .setTimestamp(Sandboxes.nanos(used.at()))
                .setProcessCount(count)
                .build());
    }
}
