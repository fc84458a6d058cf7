package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The default profile, as AppArmor's own parser makes it for a kernel; none is needed here. */
class DefaultProfileTest {
    private static final Path PROFILE = Path.of("deploy/apparmor/aestus-default");

    /** What a kernel can mediate: of the same version as the profile, since this one may have no AppArmor. */
    private static final Path FEATURES = Path.of("/etc/apparmor.d/abi/3.0");

    private static final int CONNECT_PATH = 4; // attach_disconnected
    private static final int MEDIATE_DELETED = 0x10000;
    private static final int ENFORCE = 0;
    private static final int TERM = 15;

    @TempDir
    static Path directory;

    private static CompiledProfile profile;

    @BeforeAll
    static void compile() throws IOException, InterruptedException {
        Path parser = Stream.of("/usr/sbin/apparmor_parser", "/sbin/apparmor_parser")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(Path.of("none"));
        assumeTrue(Files.exists(parser), "no apparmor_parser on this host (apparmor)");
        assumeTrue(Files.exists(FEATURES), "no " + FEATURES + " on this host (apparmor from 3.0 on)");
        Path compiled = directory.resolve("compiled");
        Path said = directory.resolve("said");
        Process process = new ProcessBuilder(List.of(
                        parser.toString(),
                        "--skip-kernel-load",
                        "--skip-cache",
                        "--Werror",
                        "--kernel-features=" + FEATURES,
                        "--ofile=" + compiled,
                        PROFILE.toString()))
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        assertEquals(0, process.waitFor(), () -> read(said));
        profile = CompiledProfile.read(compiled);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void it_has_the_name_that_is_looked_for_and_refuses_what_it_does_not_allow() {
        assertEquals(SecurityModules.DEFAULT_PROFILE, profile.name());
        assertEquals(ENFORCE, profile.mode());
        assertEquals(CONNECT_PATH | MEDIATE_DELETED, profile.pathFlags());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/bin/sh",
                "/dev/null",
                "/tmp/a/b",
                "/procession",
                "/system/a",
                "/proc/1/attr/current",
                "/proc/4711/oom_score_adj",
                "/proc/sys/kernel/shmmax",
                "/sys/fs/cgroup/memory.max",
                "/sys/fs/cgroup/a/cgroup.procs",
            })
    void a_container_may_do_with_files_what_their_rights_allow(String path) {
        assertEquals(CompiledProfile.READ | CompiledProfile.WRITE | CompiledProfile.EXEC, profile.mayWith(path));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/proc/cpuinfo",
                "/proc/meminfo",
                "/proc/stat",
                "/proc/swaps",
                "/proc/sysvipc/shm",
                "/proc/acpi/wakeup",
                "/proc/irq/1/smp_affinity",
                "/proc/sys/kernel/core_pattern",
                "/proc/sys/kernel/sysrq",
                "/proc/sys/kernel/threads-max",
                "/proc/sys/fs/binfmt_misc/register",
                "/proc/sys/net/ipv4/ip_forward",
                "/proc/sys/vm/overcommit_memory",
                "/sys/block/sda/queue/scheduler",
                "/sys/class/net",
                "/sys/fs/bpf/a",
                "/sys/fs/ext4/a",
                "/sys/kernel/uevent_helper",
                "/sys/module/a/parameters/b",
            })
    void what_belongs_to_the_node_can_only_be_read(String path) {
        assertEquals(CompiledProfile.READ, profile.mayWith(path));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/proc/kcore",
                "/proc/sysrq-trigger",
                "/sys/devices/virtual/powercap/intel-rapl/a",
                "/sys/firmware/efi/efivars/a",
                "/sys/kernel/debug/a",
                "/sys/kernel/security/apparmor/profiles",
                "/sys/kernel/tracing/trace",
            })
    void what_tells_too_much_cannot_even_be_read(String path) {
        assertEquals(0, profile.mayWith(path));
    }

    @Test
    void signals_come_from_the_container_itself_and_from_who_runs_it() {
        assertEquals(
                CompiledProfile.READ | CompiledProfile.WRITE, profile.maySignal(TERM, SecurityModules.DEFAULT_PROFILE));
        for (String runs : List.of("unconfined", "crun", "runc")) {
            assertEquals(CompiledProfile.READ, profile.maySignal(TERM, runs), runs);
        }
        assertEquals(0, profile.maySignal(TERM, "another"));
    }
}
