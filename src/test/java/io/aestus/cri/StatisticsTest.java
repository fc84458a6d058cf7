package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.cri.v1.ContainerStats;
import io.aestus.cri.v1.ContainerStatsRequest;
import io.aestus.cri.v1.ListContainerStatsRequest;
import io.aestus.cri.v1.ListMetricDescriptorsRequest;
import io.aestus.cri.v1.ListPodSandboxMetricsRequest;
import io.aestus.cri.v1.Metric;
import io.aestus.cri.v1.MetricDescriptor;
import io.aestus.cri.v1.PodSandboxStatsRequest;
import io.aestus.executor.AppUsage;
import io.aestus.linux.CgroupStatistics;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class StatisticsTest extends ServedFakes {
    private static final List<String> DEVICE =
            List.of("  eth0: 1 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0", "    lo: 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9", "nonsense");

    private ContainerStats stats(String id) {
        return client.runtime
                .containerStats(
                        ContainerStatsRequest.newBuilder().setContainerId(id).build())
                .getStats();
    }

    @Test
    void what_the_host_does_not_count_is_left_out() {
        String id = create(run(sandbox("web", 0)), container("app", 0));
        assertEquals(
                0,
                client.runtime
                        .listContainerStats(ListContainerStatsRequest.getDefaultInstance())
                        .getStatsCount());
        startContainer(id);
        ContainerStats stats = stats(id);
        assertEquals(5_000, stats.getCpu().getUsageCoreNanoSeconds().getValue());
        assertFalse(stats.getCpu().hasPsi());
        assertFalse(stats.getMemory().hasUsageBytes());
        assertFalse(stats.getMemory().hasAvailableBytes());
        assertFalse(stats.getMemory().hasMajorPageFaults());
        assertFalse(stats.hasSwap());
        assertFalse(stats.hasIo());
    }

    @Test
    void every_figure_of_a_host_that_counts_all_is_told() {
        pods.count(FakeCounts.whole(1_000));
        String id = create(run(sandbox("web", 0)), container("app", 0));
        startContainer(id);
        ContainerStats stats = stats(id);
        var memory = stats.getMemory();
        assertEquals(4_096, memory.getUsageBytes().getValue());
        assertEquals(2_048, memory.getWorkingSetBytes().getValue());
        assertEquals(10_000 - 2_048, memory.getAvailableBytes().getValue());
        assertEquals(1_024, memory.getRssBytes().getValue());
        assertEquals(3, memory.getPageFaults().getValue());
        assertEquals(1, memory.getMajorPageFaults().getValue());
        assertEquals(300, stats.getSwap().getSwapUsageBytes().getValue());
        assertEquals(400, stats.getSwap().getSwapAvailableBytes().getValue());
        assertEquals(0.25, stats.getCpu().getPsi().getSome().getAvg300());
        assertEquals(0.5, stats.getCpu().getPsi().getFull().getAvg10());
        assertEquals(
                2_000_000_000L,
                stats.getCpu().getPsi().getSome().getTotal(),
                "in nanoseconds, as the interface has it");
        assertEquals(2_000_000_000L, memory.getPsi().getFull().getTotal());
        assertEquals(3_000_000_000L, stats.getIo().getPsi().getFull().getTotal());
        assertTrue(stats.getIo().getTimestamp() > 0);
    }

    @Test
    void more_than_the_limit_leaves_nothing_and_not_less() {
        pods.count(new CgroupStatistics(
                Optional.empty(),
                Optional.of(new CgroupStatistics.Memory(
                        9, 9, 9, 0, 0, 9, 9, OptionalLong.of(8), OptionalLong.of(8), 0, 0, 0, 0)),
                OptionalLong.empty(),
                Optional.empty(),
                CgroupStatistics.Pressure.UNKNOWN));
        String id = create(run(sandbox("web", 0)), container("app", 0));
        startContainer(id);
        ContainerStats stats = stats(id);
        assertEquals(0, stats.getMemory().getAvailableBytes().getValue());
        assertEquals(0, stats.getSwap().getSwapAvailableBytes().getValue());
        assertFalse(stats.getCpu().hasUsageCoreNanoSeconds());
        assertFalse(stats.getCpu().hasUsageNanoCores());
    }

    @Test
    void how_busy_it_is_is_known_from_the_second_look_on() {
        pods.count(FakeCounts.whole(1_000));
        String sandbox = run(sandbox("web", 0));
        String id = create(sandbox, container("app", 0));
        startContainer(id);
        assertFalse(stats(id).getCpu().hasUsageNanoCores());
        pods.count(FakeCounts.whole(1_000 + 2_000_000_000L));
        long took = -stats(id).getCpu().getTimestamp();
        took += stats(id).getCpu().getTimestamp(); // the fake's clock: so much from one look to the next
        pods.count(FakeCounts.whole(1_000 + 2_000_000_000L + took / 2));
        assertEquals(500_000_000L, stats(id).getCpu().getUsageNanoCores().getValue(), "half a processor");
        var request =
                PodSandboxStatsRequest.newBuilder().setPodSandboxId(sandbox).build();
        assertFalse(client.runtime
                .podSandboxStats(request)
                .getStats()
                .getLinux()
                .getCpu()
                .hasUsageNanoCores());
        assertTrue(client.runtime
                .podSandboxStats(request)
                .getStats()
                .getLinux()
                .getCpu()
                .hasUsageNanoCores());
    }

    @Test
    void looks_in_quick_succession_get_the_same_answer() {
        var rates = new CpuRates();
        var start = Instant.parse("2026-01-01T00:00:00Z");
        assertEquals(OptionalLong.empty(), rates.nanoCores("a", usage(start, 100)));
        assertEquals(OptionalLong.empty(), rates.nanoCores("a", usage(start.plusMillis(999), 200)));
        assertEquals(OptionalLong.of(250), rates.nanoCores("a", usage(start.plusSeconds(2), 600)));
        assertEquals(OptionalLong.of(250), rates.nanoCores("a", usage(start.plusMillis(2500), 9999)));
        assertEquals(OptionalLong.empty(), rates.nanoCores("a", usage(start.plusSeconds(4), 7)), "it began anew");
        assertEquals(OptionalLong.of(1), rates.nanoCores("a", usage(start.plusSeconds(5), 8)));
        assertEquals(OptionalLong.empty(), rates.nanoCores("a", usage(start, 9)), "the clock was set back");
        assertEquals(OptionalLong.empty(), rates.nanoCores("b", usage(start.plusSeconds(9), 8)));
    }

    private static AppUsage usage(Instant at, long cpuNanos) {
        return new AppUsage(at, FakeCounts.whole(cpuNanos));
    }

    @Test
    void traffic_is_read_by_interface_without_the_loopback_one() {
        var all = Traffic.parse(List.of("head", "head", DEVICE.get(0), DEVICE.get(1), DEVICE.get(2)));
        assertEquals(
                List.of(new Traffic("eth0", new Traffic.Direction(1, 2, 3, 4), new Traffic.Direction(5, 6, 7, 8))),
                all);
        var usage = Usage.network(all, Instant.EPOCH).orElseThrow();
        assertEquals("eth0", usage.getDefaultInterface().getName());
        assertEquals(7, usage.getInterfaces(0).getTxErrors().getValue());
    }

    @Test
    void every_metric_is_described_once_and_has_a_value_for_each_of_its_labels() {
        pods.count(FakeCounts.whole(7_000_000_000L));
        startContainer(create(run(sandbox("web", 0)), container("app", 0)));
        Map<String, MetricDescriptor> described = client
                .runtime
                .listMetricDescriptors(ListMetricDescriptorsRequest.getDefaultInstance())
                .getDescriptorsList()
                .stream()
                .collect(Collectors.toMap(MetricDescriptor::getName, each -> each));
        List<Metric> metrics = client.runtime
                .listPodSandboxMetrics(ListPodSandboxMetricsRequest.getDefaultInstance())
                .getPodMetrics(0)
                .getContainerMetrics(0)
                .getMetricsList();
        var values = new TreeMap<String, Long>();
        for (Metric metric : metrics) {
            var labels = described.get(metric.getName()).getLabelKeysList();
            assertEquals(labels.size(), metric.getLabelValuesCount(), metric.getName());
            int kind = labels.indexOf("failure_type");
            values.put(
                    metric.getName() + (kind < 0 ? "" : " " + metric.getLabelValues(kind)),
                    metric.getValue().getValue());
        }
        assertEquals(7, values.get("container_cpu_usage_seconds_total"));
        assertEquals(2, values.get("container_cpu_cfs_throttled_periods_total"));
        assertEquals(5, values.get("container_memory_failcnt"));
        assertEquals(1, values.get("container_memory_failures_total pgmajfault"));
        assertEquals(6, values.get("container_oom_events_total"));
        assertEquals(10_000, values.get("container_spec_memory_limit_bytes"));
        assertEquals(2, values.get("container_fs_writes_total"));
        assertEquals(12_288, values.get("container_fs_usage_bytes"));
        assertEquals(6, values.get("container_pressure_io_waiting_seconds_total"));
        assertEquals(1, values.get("container_pressure_cpu_stalled_seconds_total"));
        assertTrue(values.containsKey("container_start_time_seconds"));
        assertEquals(3, values.get("container_processes"));
        assertEquals(20, values.get("container_file_descriptors"));
        assertEquals(5, values.get("container_sockets"));
        assertEquals(4, values.get("container_tasks_state"));
    }
}
