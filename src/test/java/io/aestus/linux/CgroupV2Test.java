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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CgroupV2Test {
    private static final Duration SHORT = Duration.ofMillis(50);
    private static final String WEB = "/cg/aestus/pod/web/";

    private final FakeCgroupFiles files = new FakeCgroupFiles();
    private final Map<Path, List<DeviceRule>> attached = new HashMap<>();
    private final DeviceFilters filters = new DeviceFilters() {
        @Override
        void replace(Path cgroup, List<DeviceRule> rules) {
            attached.put(cgroup, rules);
        }
    };
    private Cgroup cgroup;

    @BeforeEach
    void make() throws IOException {
        var template = new HashMap<String, String>();
        template.put("cgroup.procs", "");
        template.put("cgroup.events", "populated 0\nfrozen 0");
        template.put("cgroup.freeze", "0");
        template.put("cgroup.kill", "");
        template.put("cgroup.controllers", "cpuset cpu io memory pids");
        template.put("cgroup.subtree_control", "");
        template.put("cpu.weight", "100");
        template.put("cpu.max", "max 100000");
        template.put(
                "cpu.stat",
                "usage_usec 50\nuser_usec 30\nsystem_usec 20\nnr_periods 4\nnr_throttled 1\nthrottled_usec 9");
        template.put("cpuset.cpus", "");
        template.put("memory.max", "max");
        template.put("memory.low", "0");
        template.put("memory.current", "5000");
        template.put("memory.swap.max", "max");
        template.put("memory.events", "low 0\nmax 8\noom 1\noom_kill 2\noom_group_kill 0");
        template.put("memory.stat", "anon 100\nfile 4500\nfile_mapped 30\ninactive_file 4000\npgfault 6\npgmajfault 1");
        template.put("pids.max", "max");
        template.put("pids.current", "3");
        template.put("io.max", "");
        template.put("io.stat", "8:0 rbytes=10 wbytes=20 rios=1 wios=1 dbytes=0 dios=0\n253:1 rbytes=5 wbytes=0");
        files.mount("/cg", template);
        cgroup = cgroups().create("aestus/pod/web");
    }

    private Cgroups cgroups() {
        return new Cgroups(
                new CgroupLayout(Map.of(), List.of(), Optional.of(Path.of("/cg"))), files, filters, "aestus");
    }

    @Test
    void controllers_are_handed_down_to_the_leaf_but_not_beyond() {
        assertEquals("cpu memory io pids cpuset", files.content("/cg/cgroup.subtree_control"));
        assertEquals("cpu memory io pids cpuset", files.content("/cg/aestus/pod/cgroup.subtree_control"));
        assertEquals("", files.content(WEB + "cgroup.subtree_control"), "a leaf may have processes");
        assertTrue(cgroup.startsInside());
        assertEquals(Optional.of(Path.of("/cg/aestus/pod/web")), cgroup.unifiedDirectory());
    }

    @Test
    void what_is_above_a_scope_of_systemd_is_left_alone() throws IOException {
        Path scope = Path.of("/cg/a.slice/a-b.slice/aestus-1.scope");
        for (String slice : List.of("/cg/a.slice", "/cg/a.slice/a-b.slice")) {
            files.create(Path.of(slice));
            files.write(Path.of(slice, "cgroup.subtree_control"), "+memory");
        }
        files.create(scope);
        CgroupV2.create(Path.of("/cg"), "a.slice/a-b.slice/aestus-1.scope/web", files, filters);
        assertEquals("memory", files.content("/cg/a.slice/a-b.slice/cgroup.subtree_control"));
        assertTrue(files.content(scope + "/cgroup.subtree_control").contains("memory"));
        assertEquals(Optional.of(Path.of("a.slice/b.scope")), SystemdScope.of("a.slice/b.scope/web"));
        assertEquals(Optional.empty(), SystemdScope.of("a.slice/web"));
    }

    @Test
    void a_controller_that_another_holds_costs_only_its_own_limits() throws IOException {
        files.answering(
                "/cg/cgroup.subtree_control",
                text -> text.equals("+cpu")
                        ? null
                        : files.content("/cg/cgroup.subtree_control") + " " + text.substring(1));
        files.put("/cg/cgroup.subtree_control", "");
        files.put("/cg/cgroup.controllers", "cpu memory");
        var other = cgroups().create("other");
        var missing = other.limit(
                CgroupLimits.builder().cpuShares(512).memoryBytes(9000).build());
        assertEquals(List.of(new Cgroup.Unenforced("cpu shares", "no cpu.weight in /cg/other")), missing);
        assertEquals("9000", files.content("/cg/other/memory.max"));
    }

    @Test
    void limits_reach_their_files() throws IOException {
        var limits = CgroupLimits.builder()
                .memoryBytes(10_000)
                .memoryReservationBytes(1000)
                .memoryAndSwapBytes(15_000)
                .cpuShares(1024)
                .cpuQuotaMicros(20_000)
                .processes(CgroupLimits.UNLIMITED)
                .cpus("1")
                .blockOperationsPerSecond(10)
                .unified("memory.low", "7")
                .build();
        assertEquals(List.of(), cgroup.limit(limits));
        assertEquals("10000", files.content(WEB + "memory.max"));
        assertEquals("5000", files.content(WEB + "memory.swap.max"), "swap alone");
        assertEquals("7", files.content(WEB + "memory.low"), "the user's own word comes last");
        assertEquals("100", files.content(WEB + "cpu.weight"));
        assertEquals("20000 100000", files.content(WEB + "cpu.max"));
        assertEquals("max", files.content(WEB + "pids.max"));
        assertEquals("1", files.content(WEB + "cpuset.cpus"));
        assertEquals("253:1 riops=10 wiops=10", files.content(WEB + "io.max"));
    }

    @ParameterizedTest
    @CsvSource({"0,1", "2,1", "128,21", "256,35", "512,59", "1024,100", "2048,174", "10240,639", "262144,10000"})
    void shares_become_weights_on_the_curve_of_the_other_runtimes(long shares, long weight) {
        assertEquals(weight, CgroupV2Limits.weight(shares));
    }

    @Test
    void a_new_quota_keeps_the_period_and_the_other_way_round() throws IOException {
        files.put(WEB + "cpu.max", "5000 50000");
        cgroup.limit(CgroupLimits.builder().cpuPeriodMicros(80_000).build());
        assertEquals("5000 80000", files.content(WEB + "cpu.max"));
        cgroup.limit(
                CgroupLimits.builder().cpuQuotaMicros(CgroupLimits.UNLIMITED).build());
        assertEquals("max 80000", files.content(WEB + "cpu.max"));
    }

    @Test
    void a_limit_below_what_is_in_use_is_refused_because_the_kernel_would_kill() {
        var limits = CgroupLimits.builder().memoryBytes(4000).build();
        assertEquals(
                Problem.CONFLICT,
                assertThrows(AestusException.class, () -> cgroup.limit(limits)).problem());
        assertEquals("max", files.content(WEB + "memory.max"));
    }

    @Test
    void memory_with_swap_must_not_be_less_than_memory() {
        var limits = CgroupLimits.builder()
                .memoryBytes(10_000)
                .memoryAndSwapBytes(9000)
                .build();
        var refusal = assertThrows(AestusException.class, () -> cgroup.limit(limits));
        assertEquals("cannot limit memory and swap to 9000 bytes: memory alone may have 10000", refusal.message());
    }

    @Test
    void only_files_of_controllers_may_be_named() {
        for (String name : List.of("cgroup.procs", "../memory.max", "memory.max/x", "memory", "", "cgroup.kill")) {
            var limits = CgroupLimits.builder().unified(name, "1").build();
            assertEquals(
                    Problem.INVALID,
                    assertThrows(AestusException.class, () -> cgroup.limit(limits), name)
                            .problem());
        }
    }

    @Test
    void devices_become_a_program_of_the_cgroup() throws IOException {
        cgroup.limit(CgroupLimits.builder().devices(DeviceRule.STANDARD).build());
        assertEquals(Map.of(Path.of("/cg/aestus/pod/web"), DeviceRule.STANDARD), attached);
    }

    @Test
    void killing_is_one_write_and_a_wait() throws IOException {
        files.put(WEB + "cgroup.events", "populated 1\nfrozen 0");
        files.answering(WEB + "cgroup.kill", text -> {
            files.put(WEB + "cgroup.events", "populated 0\nfrozen 0");
            return text;
        });
        cgroup.kill(SHORT);
        assertTrue(files.written.contains("/cg/aestus/pod/web/cgroup.kill 1"));
        assertEquals(List.of(), files.ended);
    }

    @Test
    void what_cannot_be_killed_is_an_error() {
        files.put(WEB + "cgroup.events", "populated 1\nfrozen 0");
        files.put(WEB + "cgroup.procs", "99");
        var failure = assertThrows(IOException.class, () -> cgroup.kill(SHORT));
        assertEquals("cgroup aestus/pod/web still has processes [99] after PT0.05S", failure.getMessage());
    }

    @Test
    void freezing_waits_until_all_stand_still() throws IOException {
        files.answering(WEB + "cgroup.freeze", text -> {
            files.put(WEB + "cgroup.events", "populated 1\nfrozen " + text);
            return text;
        });
        cgroup.freeze(SHORT);
        assertEquals("1", files.content(WEB + "cgroup.freeze"));
        cgroup.thaw();
        assertEquals("0", files.content(WEB + "cgroup.freeze"));
        files.answering(WEB + "cgroup.freeze", text -> text);
        assertThrows(IOException.class, () -> cgroup.freeze(SHORT));
        assertEquals("0", files.content(WEB + "cgroup.freeze"), "thawed again");
    }

    @Test
    void statistics_and_kills_are_counted() throws IOException {
        var found = cgroup.statistics();
        assertEquals(
                new CgroupStatistics.Cpu(50_000, 30_000, 20_000, 4, 1, 9000),
                found.cpu().orElseThrow());
        assertEquals(
                new CgroupStatistics.Memory(
                        5000, 1000, 100, 4500, 30, 5000, 0, OptionalLong.empty(), OptionalLong.empty(), 6, 1, 8, 2),
                found.memory().orElseThrow());
        assertEquals(OptionalLong.of(3), found.processes());
        assertEquals(new CgroupStatistics.BlockIo(15, 20, 1, 1), found.blockIo().orElseThrow());
        assertEquals(CgroupStatistics.Pressure.UNKNOWN, found.pressure(), "there are no such files");
        assertEquals(2, cgroup.outOfMemoryKills());
    }

    @Test
    void waiting_is_counted_by_resource() throws IOException {
        files.put(WEB + "memory.pressure", """
                some avg10=1.50 avg60=0.25 avg300=0.01 total=12345
                full avg10=1.00 avg60=0.20 avg300=0.00 total=678
                """);
        files.put(WEB + "cpu.pressure", "some avg10=2.00 avg60=0.00 avg300=0.00 total=18446744073709551615\n");
        var found = cgroup.statistics().pressure();
        assertEquals(
                new PressureStall(
                        new PressureStall.Share(1.5, 0.25, 0.01, 12345), new PressureStall.Share(1, 0.2, 0, 678)),
                found.memory().orElseThrow());
        var cpu = found.cpu().orElseThrow();
        assertEquals(Long.MAX_VALUE, cpu.some().totalMicros());
        assertEquals(new PressureStall.Share(0, 0, 0, 0), cpu.full(), "older kernels have none");
        assertEquals(Optional.empty(), found.io());
    }

    @Test
    void removing_takes_children_first() throws IOException {
        cgroups().open("aestus").remove(SHORT);
        assertFalse(files.exists(Path.of("/cg/aestus")));
        cgroups().open("aestus").remove(SHORT);
    }
}
