package io.aestus.cri;

import io.aestus.cri.v1.PodSandboxAttributes;
import io.aestus.cri.v1.PodSandboxFilter;
import io.aestus.cri.v1.PodSandboxStats;
import io.aestus.cri.v1.PodSandboxStatsFilter;
import io.aestus.executor.AppState;
import io.aestus.executor.AppStatus;
import io.aestus.executor.PodState;
import io.aestus.executor.PodStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What sandboxes use. One that ends meanwhile must not spoil the others. */
final class Statistics {
    private final SandboxCalls sandboxes;
    private final Figures figures;

    Statistics(SandboxCalls sandboxes, Figures figures) {
        this.sandboxes = sandboxes;
        this.figures = figures;
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

    Stream<PodStatus> running(PodSandboxFilter filter) {
        return sandboxes
                .matching(filter)
                .map(Overview.Sandbox::pod)
                .filter(pod -> pod.state() instanceof PodState.Running);
    }

    private PodSandboxStats of(PodStatus pod, long deadline) throws InterruptedException {
        var linux = figures.of(pod);
        for (AppStatus app : runningContainers(pod).toList()) {
            linux.addContainers(figures.of(pod, app, deadline));
        }
        return PodSandboxStats.newBuilder()
                .setAttributes(PodSandboxAttributes.newBuilder()
                        .setId(pod.uuid().toString())
                        .setMetadata(Sandboxes.nameOf(pod))
                        .putAllLabels(pod.options().labels())
                        .putAllAnnotations(Kept.without(pod.options().annotations())))
                .setLinux(linux)
                .build();
    }

    static Stream<AppStatus> runningContainers(PodStatus pod) {
        return pod.apps().stream()
                .filter(ContainerReports::isContainer)
                .filter(app -> app.state() instanceof AppState.Running);
    }
}
