package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aestus.appc.App;
import io.aestus.appc.Isolators;
import io.aestus.appc.LinuxIsolator;
import io.aestus.executor.Stage1Host.RunningApp;
import io.aestus.executor.Stage1Host.RunningPod;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an app cannot do with processes, privileges, system calls and networks. */
@Tag("host")
class IsolationTest extends Attempts {
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

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_program_gives_nobody_its_owners_power_who_may_gain_none(boolean mayGain) throws IOException {
        App app = Stage1Host.app("/bin/setuid-probe", "setuid-root").toBuilder()
                .user("1000")
                .isolators(Isolators.of(new LinuxIsolator.NoNewPrivileges(!mayGain)))
                .build();
        try (RunningPod pod = host.start(PodOptions.DEFAULT)) {
            assertEquals(
                    "setuid-root " + (mayGain ? "ok" : "EPERM") + "\n",
                    pod.run("app", app).stdout());
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
