package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aestus.testing.CgroupTrees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.AbstractList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The cgroups of this host, whichever version it has. Needs root. */
@Tag("host")
@Timeout(60)
class CgroupsHostTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @TempDir
    Path dir;

    private final String parent = "aestus-test-" + ProcessHandle.current().pid() + "-" + System.nanoTime();
    private Cgroups cgroups;
    private Cgroup pod;
    private Cgroup app;

    @BeforeEach
    void make() throws IOException {
        cgroups = Cgroups.ofHost("aestus-test");
        pod = cgroups.create(parent);
        app = cgroups.create(parent + "/app");
    }

    @AfterEach
    void remove() throws IOException {
        pod.kill(LIMIT);
        pod.remove(LIMIT);
        for (Path root : CgroupTrees.roots()) {
            assertFalse(Files.exists(root.resolve(parent)), root.toString());
        }
    }

    private ChildProcess shell(String script) throws IOException {
        try (var program = new ChildProgram()) {
            program.startSession();
            program.unblockSignals();
            program.closeOnExecFrom(3);
            program.execute(List.of("/bin/sh"), List.of("sh", "-c", script), List.of("PATH=/usr/bin:/bin"));
            LaunchOptions options = LaunchOptions.PLAIN;
            if (!app.startsInside()) {
                return ProcessLauncher.open().launch(program, options.preparedBy(app::join));
            }
            try (var directory = Directory.open(app.unifiedDirectory().orElseThrow())) {
                return ProcessLauncher.open().launch(program, options.inCgroup(directory.fd()));
            }
        }
    }

    @Test
    void members_are_listed_frozen_thawed_and_killed_with_all_their_children() throws IOException {
        try (var child = shell("sleep 1000 & sleep 1000 & wait")) {
            assertTrue(CgroupDirectory.await(LIMIT, () -> app.processes().size() == 3));
            assertTrue(app.processes().contains(child.pid()));
            assertEquals(3, pod.processes().size(), "those below count");
            app.freeze(LIMIT);
            assertFalse(child.pidfd().hasEnded());
            app.thaw();
            app.freeze(LIMIT);
            pod.kill(LIMIT); // what is frozen too
            assertEquals(new ProcessExit.Signal(9, false), child.pidfd().reap());
            assertEquals(List.of(), app.processes());
        }
    }

    /** As systemd removes its own when they are empty. */
    @ParameterizedTest
    @ValueSource(strings = {"cgroup.kill", "cgroup.freeze", "cgroup.procs"})
    void a_cgroup_that_another_removes_before_a_word_reaches_it_is_gone(String file) throws IOException {
        var files = new KernelCgroupFiles();
        assumeTrue(app.unifiedDirectory().isPresent(), "no tree of version 2");
        Path gone = app.unifiedDirectory().orElseThrow().resolve("gone");
        files.create(gone);
        assumeTrue(files.exists(gone.resolve(file)), "no " + file);
        var removing = new AbstractList<String>() {
            @Override
            public String get(int index) {
                try {
                    files.remove(gone);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                return "1";
            }

            @Override
            public int size() {
                return 1;
            }
        };
        assertThrows(NoSuchFileException.class, () -> files.writeEach(gone.resolve(file), removing));
    }

    @Test
    void too_much_memory_ends_the_app_and_is_counted() throws IOException {
        CgroupTrees.requireController("memory");
        var limits = CgroupLimits.builder()
                .memoryBytes(16 << 20)
                .memoryAndSwapBytes(16 << 20)
                .build();
        var unenforced = app.limit(limits);
        assertTrue(unenforced.stream().noneMatch(limit -> limit.limit().equals("memory")), unenforced.toString());
        try (var child = shell("exec tail /dev/zero")) {
            assertEquals(new ProcessExit.Signal(9, false), child.pidfd().reap());
        }
        assertEquals(1, app.outOfMemoryKills());
        assertEquals(
                16 << 20, app.statistics().memory().orElseThrow().limitBytes().orElseThrow());
    }

    @Test
    void more_processes_than_allowed_cannot_be_started() throws IOException {
        CgroupTrees.requireController("pids");
        Path err = dir.resolve("err");
        app.limit(CgroupLimits.builder().processes(2).build());
        try (var child = shell("(sleep 1000 & sleep 1000 & sleep 1000 & wait) 2> " + err)) {
            child.pidfd().reap();
        }
        assertTrue(Files.readString(err).contains("fork"), Files.readString(err));
    }

    @Test
    void devices_that_no_rule_names_cannot_be_opened() throws IOException {
        app.limit(CgroupLimits.builder().devices(DeviceRule.STANDARD).build());
        assertOnlyUsualDevices();
    }

    private void assertOnlyUsualDevices() throws IOException {
        Path node = dir.resolve("mem");
        Path err = dir.resolve("err");
        try (var child =
                shell("mknod %s c 1 1 && echo > /dev/null && exec head -c 1 %1$s 2> %s".formatted(node, err))) {
            assertEquals(new ProcessExit.Code(1), child.pidfd().reap());
        }
        assertTrue(Files.readString(err).contains("Operation not permitted"), Files.readString(err));
    }

    @Test
    void a_program_keeps_devices_from_the_members_of_a_version_2_cgroup() throws IOException {
        var directory = app.unifiedDirectory();
        assumeTrue(directory.isPresent(), "no cgroup v2 on this host");
        var filters = new DeviceFilters();
        filters.replace(directory.get(), DeviceRule.EVERYTHING);
        filters.replace(directory.get(), DeviceRule.STANDARD);
        try (var opened = Directory.open(directory.get())) {
            assertEquals(1, DeviceFilters.attached(opened.fd()).size(), "the first one is gone");
        }
        assertOnlyUsualDevices();
    }

    @Test
    void what_was_used_is_counted() throws IOException {
        try (var child = shell("i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done")) {
            child.pidfd().reap();
        }
        var used = app.statistics();
        assertTrue(used.cpu().orElseThrow().totalNanos() > 10_000_000, used.toString());
        used.memory().ifPresent(memory -> assertTrue(memory.peakBytes() > 0, used.toString()));
        assertEquals(
                Optional.empty(),
                used.processes().stream().boxed().filter(count -> count > 0).findFirst());
        assertEquals(0, app.outOfMemoryKills());
    }

    @Test
    void limits_can_be_changed_while_the_app_runs() throws IOException {
        CgroupTrees.requireController("memory");
        app.limit(CgroupLimits.builder()
                .memoryBytes(32 << 20)
                .cpuShares(512)
                .cpuQuotaMicros(50_000)
                .build());
        try (var child = shell("sleep 1000")) {
            app.limit(CgroupLimits.builder()
                    .memoryBytes(64 << 20)
                    .cpuQuotaMicros(CgroupLimits.UNLIMITED)
                    .build());
            assertEquals(
                    64 << 20,
                    app.statistics().memory().orElseThrow().limitBytes().orElseThrow());
            app.limit(CgroupLimits.builder().memoryBytes(CgroupLimits.UNLIMITED).build());
            assertTrue(app.statistics().memory().orElseThrow().limitBytes().isEmpty());
            app.kill(LIMIT);
            child.pidfd().reap();
        }
    }
}
