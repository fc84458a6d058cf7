package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CgroupV1Test {
    private static final Duration SHORT = Duration.ofMillis(50);

    private final FakeCgroupFiles files = new FakeCgroupFiles();
    private Cgroup cgroup;

    @BeforeEach
    void make() throws IOException {
        files.mount(
                "/cg/cpu",
                Map.of(
                        "cgroup.procs",
                        "",
                        "cpu.shares",
                        "1024",
                        "cpu.cfs_period_us",
                        "100000",
                        "cpu.cfs_quota_us",
                        "-1",
                        "cpu.stat",
                        "nr_periods 5\nnr_throttled 2\nthrottled_time 700"));
        files.mount("/cg/cpuset", Map.of("cgroup.procs", "", "cpuset.cpus", "", "cpuset.mems", ""));
        files.put("/cg/cpuset/cpuset.cpus", "0-3");
        files.put("/cg/cpuset/cpuset.mems", "0");
        files.mount(
                "/cg/memory",
                Map.of(
                        "cgroup.procs",
                        "",
                        "memory.limit_in_bytes",
                        "9223372036854771712",
                        "memory.memsw.limit_in_bytes",
                        "9223372036854771712",
                        "memory.soft_limit_in_bytes",
                        "9223372036854771712",
                        "memory.usage_in_bytes",
                        "5000",
                        "memory.max_usage_in_bytes",
                        "6000",
                        "memory.failcnt",
                        "9",
                        "memory.oom_control",
                        "oom_kill_disable 0\nunder_oom 0\noom_kill 3",
                        "memory.stat",
                        "rss 1\ntotal_rss 1500\ntotal_cache 800\ntotal_mapped_file 300\ntotal_inactive_file 1000\ntotal_pgfault 7"));
        files.mount("/cg/devices", Map.of("cgroup.procs", "", "devices.allow", "", "devices.deny", ""));
        files.mount("/cg/freezer", Map.of("cgroup.procs", "", "freezer.state", "THAWED"));
        files.mount("/cg/pids", Map.of("cgroup.procs", "", "pids.max", "max", "pids.current", "4"));
        files.mount(
                "/cg/blkio",
                Map.of(
                        "cgroup.procs",
                        "",
                        "blkio.throttle.read_bps_device",
                        "",
                        "blkio.throttle.write_bps_device",
                        "",
                        "blkio.throttle.io_service_bytes_recursive",
                        "8:0 Read 4096\n8:0 Write 512\n253:1 Read 1\nTotal 4609",
                        "blkio.throttle.io_serviced_recursive",
                        "8:0 Read 2\n8:0 Write 1\n253:1 Read 1\nTotal 4"));
        files.mount("/cg/unified", Map.of("cgroup.procs", "", "cgroup.freeze", "0", "cgroup.kill", ""));
        cgroup = cgroups().create("aestus/pod/web");
    }

    private Cgroups cgroups() {
        return cgroups(Optional.of(Path.of("/cg/unified")));
    }

    private Cgroups cgroups(Optional<Path> unified) {
        var v1 = new LinkedHashMap<String, Path>();
        for (String controller : List.of("cpu", "cpuset", "memory", "devices", "freezer", "pids", "blkio")) {
            v1.put(controller, Path.of("/cg", controller));
        }
        v1.put("cpuacct", Path.of("/cg/cpu"));
        return new Cgroups(new CgroupLayout(v1, List.of(), unified), files, new DeviceFilters(), "aestus");
    }

    private List<String> writtenTo(String root) {
        return files.written.stream()
                .filter(line -> line.startsWith(root + "/"))
                .map(line -> line.substring(line.lastIndexOf('/') + 1))
                .toList();
    }

    private List<String> hierarchiesOf(String path) {
        return List.of("cpu", "cpuset", "memory", "devices", "freezer", "pids", "blkio", "unified").stream()
                .filter(name -> files.exists(Path.of("/cg", name, path)))
                .toList();
    }

    @Test
    void who_joins_a_process_enters_what_the_kernel_says_that_is_in() throws IOException {
        files.put("/proc/7/cgroup", """
                9:name=systemd:/
                8:pids:/aestus/pod/web/deeper
                5:devices:/aestus/pod/web
                4:memory:/aestus/pod/web
                3:cpuset:/aestus/pod/webs
                1:cpu,cpuacct:/aestus/pod/web
                0::/aestus/pod/web
                """);
        assertEquals(
                List.of("devices", "memory", "cpu").stream()
                        .map(root -> Path.of("/cg", root, "aestus/pod/web/tasks"))
                        .toList(),
                cgroup.memberFiles(7));
    }

    @Test
    void and_what_is_there_where_the_kernel_counts_from_another_root() throws IOException {
        files.put("/proc/7/cgroup", "5:devices:/../../aestus/pod/web\n4:memory:/../../aestus/pod/web\n");
        assertEquals(cgroup.memberFiles(), cgroup.memberFiles(7));
    }

    @Test
    void a_new_cpuset_gets_what_its_parents_have() throws IOException {
        cgroup.limit(CgroupLimits.builder().memoryNodes("0").build());
        assertEquals("0-3", files.content("/cg/cpuset/aestus/cpuset.cpus"));
        assertEquals("0-3", files.content("/cg/cpuset/aestus/pod/web/cpuset.cpus"));
        assertEquals("0", files.content("/cg/cpuset/aestus/pod/web/cpuset.mems"));
    }

    @Test
    void only_the_hierarchies_that_serve_without_limits_are_entered() throws IOException {
        assertEquals(List.of("memory", "devices", "unified"), hierarchiesOf("aestus/pod/web"));
        assertEquals(
                List.of(Path.of("/cg/memory/aestus/pod/web/tasks"), Path.of("/cg/devices/aestus/pod/web/tasks")),
                cgroup.memberFiles());
        cgroups(Optional.empty()).create("aestus/old");
        assertEquals(List.of("cpu", "memory", "devices", "freezer", "pids"), hierarchiesOf("aestus/old"));
    }

    @Test
    void a_limit_takes_what_runs_into_its_hierarchy() throws IOException {
        files.put("/cg/unified/aestus/pod/web/cgroup.procs", "100\n101");
        files.written.clear();
        cgroup.limit(CgroupLimits.builder().processes(10).build());
        assertEquals(List.of("cgroup.procs 100", "cgroup.procs 101", "pids.max 10"), writtenTo("/cg/pids"));
        assertTrue(cgroup.memberFiles().contains(Path.of("/cg/pids/aestus/pod/web/tasks")));
    }

    @Test
    void an_app_enters_where_its_pod_is_limited_and_no_pod_where_another_one_is() throws IOException {
        cgroups().open("aestus/pod").limit(CgroupLimits.builder().cpuShares(2).build());
        cgroups().create("aestus/pod/db");
        assertEquals(List.of("cpu", "memory", "devices", "unified"), hierarchiesOf("aestus/pod/db"));
        cgroups().create("aestus/other");
        assertEquals(List.of("memory", "devices", "unified"), hierarchiesOf("aestus/other"));
    }

    @Test
    void a_pod_enters_wherever_the_parent_that_it_was_given_is() throws IOException {
        cgroups().create("kubepods").limit(CgroupLimits.builder().processes(9).build());
        cgroups().create("kubepods/pod");
        assertEquals(List.of("memory", "devices", "pids", "unified"), hierarchiesOf("kubepods/pod"));
    }

    @Test
    void a_process_joins_the_hierarchies_that_its_cgroup_is_in() throws IOException {
        files.written.clear();
        cgroup.join(4711);
        assertEquals(3, files.written.size());
        assertTrue(files.written.stream().allMatch(line -> line.endsWith("/aestus/pod/web/cgroup.procs 4711")));
        assertFalse(cgroup.startsInside());
        assertEquals(Optional.of(Path.of("/cg/unified/aestus/pod/web")), cgroup.unifiedDirectory());
    }

    @Test
    void limits_reach_their_files() throws IOException {
        var limits = CgroupLimits.builder()
                .cpuShares(512)
                .cpuQuotaMicros(20_000)
                .processes(100)
                .cpus("0-1")
                .memoryReservationBytes(4096)
                .blockBytesPerSecond(1_000_000)
                .build();
        assertEquals(List.of(), cgroup.limit(limits));
        assertEquals("512", files.content("/cg/cpu/aestus/pod/web/cpu.shares"));
        assertEquals("20000", files.content("/cg/cpu/aestus/pod/web/cpu.cfs_quota_us"));
        assertEquals("100000", files.content("/cg/cpu/aestus/pod/web/cpu.cfs_period_us"));
        assertEquals("100", files.content("/cg/pids/aestus/pod/web/pids.max"));
        assertEquals("0-1", files.content("/cg/cpuset/aestus/pod/web/cpuset.cpus"));
        assertEquals("4096", files.content("/cg/memory/aestus/pod/web/memory.soft_limit_in_bytes"));
        assertEquals(
                List.of(
                        "blkio.throttle.read_bps_device 8:0 1000000", "blkio.throttle.write_bps_device 8:0 1000000",
                        "blkio.throttle.read_bps_device 253:1 1000000",
                                "blkio.throttle.write_bps_device 253:1 1000000"),
                writtenTo("/cg/blkio"));
    }

    @Test
    void memory_and_its_sum_with_swap_are_written_in_the_order_that_the_kernel_takes() throws IOException {
        cgroup.limit(CgroupLimits.builder()
                .memoryBytes(10_000)
                .memoryAndSwapBytes(20_000)
                .build());
        assertEquals(
                List.of("memory.limit_in_bytes 10000", "memory.memsw.limit_in_bytes 20000"),
                writtenTo("/cg/memory"),
                "shrinking");
        files.written.clear();
        cgroup.limit(CgroupLimits.builder()
                .memoryBytes(30_000)
                .memoryAndSwapBytes(40_000)
                .build());
        assertEquals(
                List.of("memory.memsw.limit_in_bytes 40000", "memory.limit_in_bytes 30000"),
                writtenTo("/cg/memory"),
                "growing");
    }

    @Test
    void a_limit_below_what_is_in_use_is_refused_before_anything_is_written() {
        files.written.clear();
        var limits = CgroupLimits.builder().memoryBytes(4999).build();
        var refusal = assertThrows(AestusException.class, () -> cgroup.limit(limits));
        assertEquals(Problem.CONFLICT, refusal.problem());
        assertEquals("cannot limit memory to 4999 bytes: 5000 are in use", refusal.message());
        assertEquals(List.of(), files.written);
    }

    @Test
    void quota_and_period_are_tried_in_both_orders() throws IOException {
        String quota = "/cg/cpu/aestus/pod/web/cpu.cfs_quota_us";
        cgroup.limit(CgroupLimits.builder().cpuShares(2).build());
        files.answering(
                "/cg/cpu/aestus/pod/web/cpu.cfs_period_us",
                text -> files.content(quota).equals("-1") ? null : text);
        cgroup.limit(CgroupLimits.builder()
                .cpuQuotaMicros(1000)
                .cpuPeriodMicros(2000)
                .build());
        assertEquals(List.of("cpu.shares 2", "cpu.cfs_quota_us 1000", "cpu.cfs_period_us 2000"), writtenTo("/cg/cpu"));
    }

    @Test
    void devices_are_denied_before_some_are_allowed() throws IOException {
        cgroup.limit(CgroupLimits.builder().devices(DeviceRule.STANDARD).build());
        var lines = writtenTo("/cg/devices");
        assertEquals("devices.deny a", lines.getFirst());
        assertEquals(
                List.of("devices.allow c *:* m", "devices.allow b *:* m", "devices.allow c 1:3 rwm"),
                lines.subList(1, 4));
        assertEquals("devices.allow c 136:* rwm", lines.getLast());
    }

    @Test
    void what_this_host_cannot_limit_is_reported() throws IOException {
        var limits = CgroupLimits.builder()
                .hugePages("2MB", 0)
                .unified("memory.high", "1")
                .build();
        assertEquals(
                List.of(
                        new Cgroup.Unenforced("huge pages", "no cgroup controller hugetlb"),
                        new Cgroup.Unenforced("memory.high", "this host limits by cgroup v1")),
                cgroup.limit(limits));
    }

    @Test
    void killing_without_version_2_ends_members_of_children_too_and_thaws_them_first() throws IOException {
        var alone = cgroups(Optional.empty());
        var old = alone.create("aestus/old");
        alone.create("aestus/old/deeper");
        files.put("/cg/pids/aestus/old/cgroup.procs", "100");
        files.put("/cg/pids/aestus/old/deeper/cgroup.procs", "101");
        files.put("/cg/freezer/aestus/old/freezer.state", "FROZEN");
        files.put("/cg/freezer/aestus/old/deeper/freezer.state", "FROZEN");
        old.kill(SHORT);
        assertEquals(List.of(100L, 101L), files.ended);
        assertEquals("THAWED", files.content("/cg/freezer/aestus/old/freezer.state"));
        assertEquals("THAWED", files.content("/cg/freezer/aestus/old/deeper/freezer.state"));
        assertEquals(List.of(), old.processes());
    }

    @Test
    void a_limit_holds_for_a_part_that_is_there_already() throws IOException {
        cgroup.part("exec").create();
        files.put("/cg/unified/aestus/pod/web/_part-exec/cgroup.procs", "100");
        cgroup.limit(CgroupLimits.builder().processes(5).build());
        assertEquals("100", files.content("/cg/pids/aestus/pod/web/cgroup.procs"));
    }

    @Test
    void a_cgroup_that_vanishes_while_it_is_killed_is_killed() throws IOException {
        var alone = cgroups(Optional.empty());
        var old = alone.create("aestus/old");
        files.put("/cg/pids/aestus/old/cgroup.procs", "100");
        files.vanishing("/cg/freezer/aestus/old/freezer.state");
        old.kill(SHORT);
        assertEquals(List.of(100L), files.ended);
    }

    @Test
    void killing_looks_at_the_tree_of_version_2_first_and_kills_there() throws IOException {
        files.put("/cg/memory/aestus/pod/web/cgroup.procs", "100");
        files.put("/cg/unified/aestus/pod/web/cgroup.events", "populated 0");
        cgroup.kill(SHORT);
        assertEquals(List.of(), files.ended, "nobody is there");
        files.put("/cg/unified/aestus/pod/web/cgroup.events", "populated 1");
        cgroup.kill(SHORT);
        assertEquals("1", files.content("/cg/unified/aestus/pod/web/cgroup.kill"));
        assertEquals(List.of(100L), files.ended);
    }

    @Test
    void who_left_the_tree_of_version_2_is_ended_when_the_cgroup_goes() throws IOException {
        files.put("/cg/memory/aestus/pod/web/cgroup.procs", "100");
        files.beBusy(2); // as it is while somebody is inside
        cgroup.remove(Duration.ofSeconds(5));
        assertEquals(List.of(100L), files.ended);
    }

    @Test
    void freezing_gives_up_and_thaws_what_will_not_stand_still() throws IOException {
        var old = cgroups(Optional.empty()).create("aestus/old");
        files.answering("/cg/freezer/aestus/old/freezer.state", text -> text.equals("FROZEN") ? "FREEZING" : text);
        assertThrows(IOException.class, () -> old.freeze(SHORT));
        assertEquals("THAWED", files.content("/cg/freezer/aestus/old/freezer.state"));
    }

    @Test
    void freezing_is_for_the_tree_of_version_2_where_there_is_one() throws IOException {
        files.answering("/cg/unified/aestus/pod/web/cgroup.freeze", text -> {
            files.put("/cg/unified/aestus/pod/web/cgroup.events", "frozen " + text);
            return text;
        });
        cgroup.freeze(SHORT);
        assertEquals("1", files.content("/cg/unified/aestus/pod/web/cgroup.freeze"));
        cgroup.thaw();
        assertEquals("0", files.content("/cg/unified/aestus/pod/web/cgroup.freeze"));
        assertEquals(List.of("memory", "devices", "unified"), hierarchiesOf("aestus/pod/web"));
    }

    @Test
    void statistics_come_from_the_hierarchies_of_version_1_that_it_is_in() throws IOException {
        var old = cgroups(Optional.empty()).create("aestus/old");
        old.limit(CgroupLimits.builder().blockBytesPerSecond(1).build());
        files.put("/cg/cpu/aestus/old/cpuacct.usage", "123456789");
        files.put("/cg/cpu/aestus/old/cpuacct.stat", "user 3\nsystem 4");
        var found = old.statistics();
        assertEquals(
                new CgroupStatistics.Cpu(123456789, 30_000_000, 40_000_000, 5, 2, 700),
                found.cpu().orElseThrow());
        assertEquals(
                new CgroupStatistics.Memory(
                        5000, 4000, 1500, 800, 300, 6000, 0, OptionalLong.empty(), OptionalLong.empty(), 7, 0, 9, 3),
                found.memory().orElseThrow());
        assertEquals(OptionalLong.of(4), found.processes());
        assertEquals(
                new CgroupStatistics.BlockIo(4097, 512, 3, 1), found.blockIo().orElseThrow());
        assertEquals(CgroupStatistics.Pressure.UNKNOWN, found.pressure());
        assertEquals(3, old.outOfMemoryKills());
    }

    @Test
    void what_may_be_swapped_is_the_difference_of_two_limits() throws IOException {
        var old = cgroups(Optional.empty()).create("aestus/old");
        files.put("/cg/memory/aestus/old/memory.limit_in_bytes", "10000");
        assertEquals(
                OptionalLong.empty(), old.statistics().memory().orElseThrow().swapLimitBytes(), "no limit of both");
        files.put("/cg/memory/aestus/old/memory.memsw.limit_in_bytes", "12000");
        var memory = old.statistics().memory().orElseThrow();
        assertEquals(OptionalLong.of(10_000), memory.limitBytes());
        assertEquals(OptionalLong.of(2_000), memory.swapLimitBytes());
    }

    @Test
    void statistics_come_from_the_tree_of_version_2_otherwise() throws IOException {
        files.put("/cg/unified/aestus/pod/web/cpu.stat", "usage_usec 70\nuser_usec 30\nsystem_usec 40");
        files.put("/cg/unified/aestus/pod/web/io.pressure", "some avg10=0.50 avg60=0.00 avg300=0.00 total=7\n");
        files.put("/cg/unified/aestus/pod/web/cgroup.threads", "100\n101\n");
        var found = cgroup.statistics();
        assertEquals(
                new CgroupStatistics.Cpu(70_000, 30_000, 40_000, 0, 0, 0),
                found.cpu().orElseThrow());
        assertEquals(OptionalLong.of(2), found.processes());
        assertEquals(
                new PressureStall.Share(0.5, 0, 0, 7),
                found.pressure().io().orElseThrow().some());
        assertEquals(Optional.empty(), found.blockIo(), "not counted without a limit");
        assertEquals(5000, found.memory().orElseThrow().usedBytes());
    }

    @Test
    void removing_tries_again_while_the_kernel_is_busy_and_is_done_when_nothing_is_there() throws IOException {
        files.beBusy(2);
        cgroup.remove(Duration.ofSeconds(5));
        assertFalse(files.exists(Path.of("/cg/memory/aestus/pod/web")));
        assertTrue(files.exists(Path.of("/cg/memory/aestus/pod")), "only what was asked for");
        cgroup.remove(SHORT);
        cgroups().open("aestus/pod").remove(SHORT);
        assertFalse(files.exists(Path.of("/cg/unified/aestus/pod")));
    }

    @Test
    void no_path_leaves_the_tree() {
        for (String path : List.of("/etc", "../x", "a/../b", "", "a//b/./c")) {
            assertThrows(IllegalArgumentException.class, () -> cgroups().create(path), path);
        }
    }
}
