package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aestus.executor.Stage1Host.Outcome;
import io.aestus.executor.Stage1Host.RunningApp;
import io.aestus.executor.Stage1Host.RunningPod;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an app cannot do, tried from inside: by its own process and by one executed in it, with and without users of its own. */
@Tag("host")
class IsolationTest {
    @TempDir
    static Path directory;

    private static Stage1Host host;

    /** Whence an attempt is made. */
    enum From {
        RUN_AS_HOST_USER(false, false),
        EXEC_AS_HOST_USER(false, true),
        RUN_AS_PRIVATE_USER(true, false),
        EXEC_AS_PRIVATE_USER(true, true);

        private final boolean isPrivate;
        private final boolean isExec;

        From(boolean isPrivate, boolean isExec) {
            this.isPrivate = isPrivate;
            this.isExec = isExec;
        }

        PodOptions options() {
            return PodOptions.DEFAULT.withUserNamespace(
                    isPrivate ? PodOptions.UserNamespace.PRIVATE : PodOptions.UserNamespace.HOST);
        }
    }

    @BeforeAll
    static void open() throws Exception {
        host = new Stage1Host(directory);
        Path probe = host.image.resolve("bin/probe");
        Path source = Path.of("src/test/resources/io/aestus/executor/probe.c");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")), "no gcc to build the probe with");
        var compiler = new ProcessBuilder("gcc", "-static", "-O1", "-o", probe.toString(), source.toString())
                .inheritIO()
                .start();
        assertEquals(0, compiler.waitFor(), "gcc");
        Files.copy(probe, host.image.resolve("bin/setuid-probe"));
        Files.setPosixFilePermissions(
                host.image.resolve("bin/setuid-probe"),
                java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterAll
    static void close() throws IOException {
        host.close();
    }

    private static Outcome outcome(From from, String script) throws IOException {
        try (RunningPod pod = host.start(from.options())) {
            return outcome(from, pod, script);
        }
    }

    private static Outcome outcome(From from, RunningPod pod, String script) throws IOException {
        if (!from.isExec) {
            return pod.run("app", Stage1Host.shell(script));
        }
        try (RunningApp app = pod.start("app", Stage1Host.app("/bin/sleep", "1000"))) {
            return app.exec(script);
        }
    }

    private static String output(From from, String script) throws IOException {
        Outcome outcome = outcome(from, script);
        assertEquals("", outcome.stderr());
        return outcome.stdout().strip();
    }

    private static Map<String, String> attempts(From from, String... names) throws IOException {
        Outcome outcome = outcome(from, "/bin/probe " + String.join(" ", names));
        assertEquals(0, outcome.code(), outcome.stderr());
        return outcome.stdout()
                .lines()
                .map(line -> line.split(" ", 2))
                .collect(Collectors.toMap(words -> words[0], words -> words[1], (a, _) -> a, TreeMap::new));
    }

    private static void assertAllRefused(From from, String errno, String... names) throws IOException {
        var expected = new TreeMap<String, String>();
        for (String name : names) {
            expected.put(name, errno);
        }
        assertEquals(expected, attempts(from, names));
    }

    // --- namespaces

    @ParameterizedTest
    @EnumSource
    void the_first_process_is_the_pods_and_host_processes_are_invisible(From from) throws IOException {
        String seen = output(from, "for p in /proc/[0-9]*; do readlink $p/exe 2>/dev/null || cat $p/comm; done");
        var programs = new ArrayList<>(seen.lines().toList());
        assertFalse(seen.contains("java"), seen);
        assertTrue(programs.size() <= 4, seen);
    }

    @ParameterizedTest
    @EnumSource
    void killing_everything_reaches_the_pod_only(From from) throws IOException {
        try (RunningPod pod = host.start(from.options())) {
            outcome(from, pod, "trap '' TERM; kill -TERM -1");
            assertTrue(pod.first.pidfd().signal(0), "first process");
            assertTrue(ProcessHandle.current().isAlive());
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_first_process_cannot_be_killed_or_looked_into(From from) throws IOException {
        try (RunningPod pod = host.start(from.options())) {
            outcome(from, pod, "kill -KILL 1; kill -STOP 1; kill -TERM 1");
            assertTrue(pod.first.pidfd().signal(0));
            var names = List.of("ptrace-1", "read-1", "getfd-1", "mem-1", "root-1", "fd-1");
            for (String line : outcome(from, pod, "/bin/probe " + String.join(" ", names))
                    .stdout()
                    .lines()
                    .toList()) {
                assertTrue(line.endsWith(" EPERM") || line.endsWith(" EACCES"), line);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_hostname_is_the_pods_and_stays(From from) throws IOException {
        String before = Files.readString(Path.of("/proc/sys/kernel/hostname"));
        assertTrue(output(from, "hostname").startsWith("aestus-"));
        assertAllRefused(from, "EPERM", "sethostname");
        assertEquals(before, Files.readString(Path.of("/proc/sys/kernel/hostname")));
    }

    @ParameterizedTest
    @EnumSource
    void no_namespace_is_made_or_entered(From from) throws IOException {
        assertAllRefused(
                from,
                "EPERM",
                "unshare-user",
                "unshare-mount",
                "unshare-net",
                "unshare-cgroup",
                "clone-user",
                "setns-own");
        assertAllRefused(from, "ENOSYS", "clone3-user"); // so that libraries fall back to clone
        assertAllRefused(from, "ok", "clone-plain");
        assertFalse(attempts(from, "setns-mount", "setns-pid").containsValue("ok"));
    }

    @ParameterizedTest
    @EnumSource
    void users_are_those_of_the_pods_range(From from) throws IOException {
        String[] map = output(from, "cat /proc/self/uid_map").split("\\s+", -1);
        assertEquals("0", map[0]);
        if (from.isPrivate) {
            assertTrue(Long.parseLong(map[1]) >= 0x2000_0000L, map[1]);
            assertEquals("65536", map[2]);
        } else {
            assertEquals("0", map[1]);
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_cgroup_is_the_root_of_what_it_sees(From from) throws IOException {
        for (String line : output(from, "cat /proc/self/cgroup").lines().toList()) {
            assertTrue(line.endsWith(":/"), line);
        }
    }

    // --- file system

    @ParameterizedTest
    @EnumSource
    void the_root_is_an_overlay_and_the_image_stays_as_it_is(From from) throws IOException {
        assertEquals("overlay", output(from, "stat -f -c %T /").replace("UNKNOWN", "overlay"));
        output(from, "echo new > /etc/passwd; rm /bin/touch; mkdir /made");
        assertTrue(Files.readString(host.image.resolve("etc/passwd")).startsWith("root:"));
        assertTrue(Files.isSymbolicLink(host.image.resolve("bin/touch")));
        assertFalse(Files.exists(host.image.resolve("made")));
    }

    @ParameterizedTest
    @EnumSource
    void only_mounts_of_ours_are_there(From from) throws IOException {
        List<String> allowed = List.of(
                "/",
                "/proc",
                "/sys",
                "/dev",
                "/dev/pts",
                "/dev/shm",
                "/dev/mqueue",
                "/etc/resolv.conf",
                "/etc/hosts",
                "/etc/hostname");
        for (String line : output(from, "cat /proc/self/mountinfo").lines().toList()) {
            String place = line.split(" ", 6)[4];
            assertTrue(
                    allowed.contains(place) || place.startsWith("/proc/") || place.startsWith("/sys/"),
                    "mounted: " + line);
            assertFalse(line.contains("shared:") || line.contains("master:"), "propagates: " + line);
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_root_cannot_be_left(From from) throws IOException {
        assertEquals("ENOENT", attempts(from, "chroot-escape").get("chroot-escape"));
        assertEquals(output(from, "ls -a /"), output(from, "ls -a /../.."));
    }

    @ParameterizedTest
    @EnumSource
    void nothing_is_mounted_or_unmounted(From from) throws IOException {
        assertAllRefused(
                from,
                "EPERM",
                "mount",
                "remount",
                "umount",
                "umount-mask",
                "pivot_root",
                "open_tree",
                "fsopen",
                "mount_setattr");
    }

    @ParameterizedTest
    @EnumSource
    void files_are_not_opened_by_handle(From from) throws IOException {
        assertAllRefused(from, "EPERM", "open_by_handle_at");
    }

    @ParameterizedTest
    @EnumSource
    void the_root_of_a_sibling_of_another_user_is_not_reached_through_proc(From from) throws IOException {
        try (RunningPod pod = host.start(from.options());
                RunningApp sibling =
                        pod.start("sibling", Stage1Host.shell("echo secret > /secret; echo up; exec sleep 1000"))) {
            assertEquals("up", sibling.line());
            var app = Stage1Host.shell("sleep 1000").toBuilder()
                    .user("web")
                    .group("web")
                    .build();
            try (RunningApp other = pod.start("other", app)) {
                Outcome outcome = other.exec("for p in /proc/[0-9]*; do cat $p/root/secret; done");
                assertFalse(outcome.stdout().contains("secret"), outcome.stdout());
                assertTrue(outcome.stderr().contains("Permission denied"), outcome.stderr());
            }
        }
    }

    // --- devices

    @ParameterizedTest
    @EnumSource
    void no_device_of_the_host_is_opened(From from) throws IOException {
        Map<String, String> outcomes = attempts(from, "block-device", "memory-device");
        assertFalse(outcomes.containsValue("ok"), outcomes.toString());
    }

    @ParameterizedTest
    @EnumSource
    void devices_are_the_listed_ones(From from) throws IOException {
        assertEquals(
                "fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero",
                output(from, "echo $(ls /dev)"));
        assertEquals("ok", output(from, "echo x > /dev/null && head -c 4 /dev/urandom > /dev/null && echo ok"));
    }

    @ParameterizedTest
    @EnumSource
    void terminals_are_the_apps_own(From from) throws IOException {
        assertEquals("ptmx", output(from, "ls /dev/pts"));
    }

    // --- /proc and /sys

    @ParameterizedTest
    @EnumSource
    void what_is_masked_is_empty(From from) throws IOException {
        for (String path : Covers.MASKED) {
            if (Files.isRegularFile(Path.of(path))
                    || (Files.exists(Path.of(path)) && !Files.isDirectory(Path.of(path)))) {
                assertEquals("", output(from, "cat " + path), path);
            } else if (Files.isDirectory(Path.of(path)) && !path.equals("/sys/fs")) {
                assertEquals("cgroup", output(from, "ls " + path + " | grep -v ^cgroup; echo cgroup"), path);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_kernels_settings_are_read_only(From from) throws IOException {
        for (String path : List.of(
                "/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern", "/proc/sys/vm/panic_on_oom", "/sys/new")) {
            Outcome outcome = outcome(from, "echo x > " + path);
            assertNotEquals(0, outcome.code(), path);
            assertTrue(
                    outcome.stderr().contains("Read-only file system")
                            || outcome.stderr().contains("nonexistent"),
                    outcome.stderr());
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_hosts_keys_are_out_of_reach(From from) throws IOException {
        assertAllRefused(from, "EPERM", "keyctl", "add_key");
        assertEquals("", output(from, "cat /proc/keys"));
    }

    @ParameterizedTest
    @EnumSource
    void no_descriptor_but_the_streams_is_open(From from) throws IOException {
        assertEquals("0 1 2 3", output(from, "echo $(ls /proc/self/fd)")); // 3 is the directory being listed
    }

    @ParameterizedTest
    @EnumSource
    void the_environment_holds_what_was_declared(From from) throws IOException {
        String names = output(from, "env | cut -d= -f1 | sort | grep -vE '^(PWD|SHLVL|OLDPWD)$'");
        assertEquals(
                List.of("AC_APP_NAME", "HOME", "PATH", "container"),
                names.lines().toList());
    }

    @ParameterizedTest
    @EnumSource
    void the_program_is_the_images(From from) throws IOException {
        assertEquals("/bin/busybox", output(from, "readlink /proc/$$/exe"));
    }

    // --- capabilities

    @ParameterizedTest
    @EnumSource
    void capabilities_are_the_usual_fourteen(From from) throws IOException {
        assertEquals("""
                CapInh:	0000000000000000
                CapPrm:	00000000a80425fb
                CapEff:	00000000a80425fb
                CapBnd:	00000000a80425fb
                CapAmb:	0000000000000000\
                """, output(from, "grep ^Cap /proc/self/status"));
    }

    @ParameterizedTest
    @EnumSource
    void a_user_that_is_not_root_has_none(From from) throws IOException {
        try (RunningPod pod = host.start(from.options())) {
            var app = Stage1Host.shell("grep -E '^(CapEff|CapPrm|Groups)' /proc/self/status; sleep 1000").toBuilder()
                    .user("web")
                    .group("web")
                    .supplementaryGids(List.of(1002L))
                    .build();
            try (RunningApp running = pod.start("app", app)) {
                String seen = running.line() + "\n" + running.line() + "\n" + running.line();
                if (from.isExec) {
                    seen = running.exec("grep -E '^(CapEff|CapPrm|Groups)' /proc/self/status")
                            .stdout()
                            .strip();
                }
                assertEquals(
                        "Groups:\t1001 1002\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000",
                        seen.replace(" \n", "\n"));
            }
        }
    }

    // --- system calls

    @ParameterizedTest
    @EnumSource
    void a_filter_is_in_force(From from) throws IOException {
        assertEquals("Seccomp:\t2", output(from, "grep ^Seccomp: /proc/self/status"));
        assertAllRefused(
                from,
                "EPERM",
                "io_uring",
                "bpf",
                "userfaultfd",
                "perf",
                "kexec",
                "init_module",
                "reboot",
                "swapon",
                "syslog",
                "quotactl",
                "acct",
                "personality",
                "af-alg",
                "af-vsock");
    }

    @ParameterizedTest
    @EnumSource
    void other_calling_conventions_lead_round_nothing(From from) throws IOException {
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "x86-64 only");
        Map<String, String> outcomes = attempts(from, "i386-mount", "x32-mount", "iopl");
        assertFalse(outcomes.containsValue("ok"), outcomes.toString());
    }

    // --- network

    @ParameterizedTest
    @EnumSource
    void only_the_loopback_is_there_and_up(From from) throws IOException {
        assertEquals("lo", output(from, "echo $(ls /sys/class/net)"));
        assertTrue(output(from, "ip addr show lo").contains("127.0.0.1/8"));
    }

    @ParameterizedTest
    @EnumSource
    void services_of_the_hosts_loopback_are_not_reached(From from) throws IOException {
        try (var server = new java.net.ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertNotEquals(
                    0,
                    outcome(from, "nc -w 1 127.0.0.1 " + server.getLocalPort() + " < /dev/null")
                            .code());
        }
    }

    @ParameterizedTest
    @EnumSource
    void abstract_sockets_of_the_host_are_not_seen(From from) throws IOException {
        assertFalse(output(from, "cat /proc/net/unix").contains("@"));
    }
}
