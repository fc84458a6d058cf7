package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.App;
import io.aestus.appc.Isolators;
import io.aestus.appc.PodManifest;
import io.aestus.executor.IsolatorReport.Enforcement;
import io.aestus.executor.Stage1Host.RunningApp;
import io.aestus.executor.Stage1Host.RunningPod;
import io.aestus.json.JsonReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each isolator as a manifest has it: what the kernel does of it, and what is said of it. */
@Tag("host")
class IsolatorsHostTest extends OneStage1Host {
    /** As in a manifest, with {@code '} for {@code "}. */
    private static Isolators isolators(String json) {
        return Isolators.read(JsonReader.read(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8), "isolators"));
    }

    private static RunningPod pod(String isolators) throws IOException {
        return host.start(PodManifest.of().withIsolators(isolators(isolators)), PodOptions.DEFAULT);
    }

    private static App shell(String isolators, String script) {
        return App.running(List.of("/bin/sh", "-c", script))
                .isolators(isolators(isolators))
                .build();
    }

    private static String output(RunningPod pod, String isolators, String script) throws IOException {
        var outcome = pod.run("app", shell(isolators, script));
        return (outcome.stdout() + outcome.stderr()).strip();
    }

    /** What a limit became, in the cgroup of a pod or of its app {@code app}. */
    private static String limit(RunningPod pod, String controller, String file) throws IOException {
        return Files.readString(Path.of("/sys/fs/cgroup", controller, pod.place.cgroup())
                        .resolve(file))
                .strip();
    }

    private static Map<String, Enforcement> said(List<IsolatorReport> reports) {
        return reports.stream().collect(Collectors.toMap(IsolatorReport::name, IsolatorReport::enforcement));
    }

    @Test
    void a_pods_limits_bound_its_apps_together() throws IOException {
        String limits = "[{'name': 'resource/memory', 'value': {'limit': '64Mi'}},"
                + "{'name': 'resource/cpu', 'value': {'limit': '1500m', 'request': '500m'}},"
                + "{'name': 'aestus.io/pids', 'value': {'limit': 20}}]";
        try (var pod = pod(limits);
                var app = pod.start("app", shell("[{'name': 'resource/cpu', 'value': {'limit': '2'}}]", "sleep 100"))) {
            assertEquals("67108864", limit(pod, "memory", "memory.limit_in_bytes"));
            assertEquals("150000", limit(pod, "cpu", "cpu.cfs_quota_us"));
            assertEquals("512", limit(pod, "cpu", "cpu.shares"));
            assertEquals("20", limit(pod, "pids", "pids.max"));
            assertEquals("150000", limit(pod, "cpu", "app/cpu.cfs_quota_us"));
            assertEquals(
                    List.of(new IsolatorReport("resource/cpu", Enforcement.PARTLY, "no more than the pod has")),
                    app.started.isolators());
        }
    }

    @Test
    void processor_time_beyond_the_quota_is_not_had() throws IOException {
        String fifth = "[{'name': 'resource/cpu', 'value': {'limit': '200m'}}]";
        try (var pod = pod("[]");
                var app = pod.start("app", shell(fifth, "while :; do :; done"))) {
            long begin = System.nanoTime();
            long used = 0;
            while (used < 400_000_000) {
                used = host.stage1
                        .usage(pod.place, Optional.of(app.place.name()))
                        .orElseThrow()
                        .cpuNanos();
                Thread.onSpinWait();
            }
            double share = (double) used / (System.nanoTime() - begin);
            assertTrue(share < 0.22, () -> "it had " + share + " of a processor");
        }
    }

    @Test
    void the_memory_of_a_pod_ends_what_takes_too_much_of_it() throws IOException {
        try (var pod = pod("[{'name': 'resource/memory', 'value': {'limit': '32Mi'}}]")) {
            var outcome = pod.run("app", shell("[]", "head -c 64m /dev/zero | tail"));
            assertTrue(outcome.code() != 0, outcome.toString());
        }
    }

    @Test
    void a_pods_processes_are_counted_over_all_its_apps() throws IOException {
        try (var pod = pod("[{'name': 'aestus.io/pids', 'value': {'limit': '12'}}]");
                var first = pod.start("first", shell("[]", "for i in 1 2 3 4 5; do sleep 100 & done; echo; wait"))) {
            assertEquals("", first.line());
            String more = "for i in 1 2 3 4 5 6 7 8; do sleep 100 > /dev/null 2>&1 & done; echo all";
            assertTrue(output(pod, "[]", more).contains("can't fork"));
        }
    }

    @Test
    void our_own_limits_are_those_of_the_kernel() throws IOException {
        String limits = "[{'name': 'aestus.io/pids', 'value': {'limit': 30}},"
                + "{'name': 'aestus.io/cpuset', 'value': {'cpus': '0', 'mems': '0'}},"
                + "{'name': 'aestus.io/ulimit-nofile', 'value': {'soft': 50, 'hard': 60}},"
                + "{'name': 'aestus.io/rlimits', 'value': {'core': 0, 'RLIMIT_NPROC': {'soft': 70, 'hard': 80}}}]";
        try (var pod = pod("[]");
                var app = pod.start(
                        "app",
                        shell(
                                limits,
                                "grep Cpus_allowed_list /proc/self/status; ulimit -n; ulimit -Hn; ulimit -c;"
                                        + " grep processes /proc/self/limits | tr -s ' ' | cut -d' ' -f3-4;"
                                        + " sleep 100"))) {
            assertEquals("Cpus_allowed_list:\t0", app.line());
            assertEquals(List.of("50", "60", "0", "70 80"), List.of(app.line(), app.line(), app.line(), app.line()));
            assertEquals("30", limit(pod, "pids", "app/pids.max"));
            assertEquals("0", limit(pod, "cpuset", "app/cpuset.cpus"));
            assertTrue(app.started.isolators().stream().allMatch(each -> each.enforcement() == Enforcement.ENFORCED));
        }
    }

    @Test
    void an_image_raises_no_limit_above_the_agents() throws IOException {
        String raised = "[{'name': 'aestus.io/rlimits', 'value': {'RTPRIO': {'soft': 99, 'hard': 99}}}]";
        try (var pod = pod("[]");
                var app = pod.start("app", shell(raised, "grep realtime /proc/self/limits"))) {
            assertTrue(app.line().matches("Max realtime priority +0 +0 *"));
            assertEquals(
                    List.of(new IsolatorReport(
                            "aestus.io/rlimits", Enforcement.PARTLY, "RTPRIO: no more than this process has")),
                    app.started.isolators());
        }
    }

    @Test
    void devices_are_given_by_a_pod_and_never_by_an_image() throws IOException {
        String devices = "[{'name': 'aestus.io/devices', 'value': [{'path': '/dev/own', 'hostPath': '/dev/kmsg'}]}]";
        String look = "test -c /dev/own && echo there || echo absent";
        try (var pod = pod("[]");
                var app = pod.start("app", shell(devices, look))) {
            assertEquals("absent", app.line());
            assertEquals(Map.of("aestus.io/devices", Enforcement.UNSUPPORTED), said(app.started.isolators()));
        }
        try (var pod = pod(devices)) {
            assertEquals("there", output(pod, "[]", look));
        }
    }

    @Test
    void rates_of_disks_are_those_of_the_kernel_where_it_has_them() throws IOException {
        String limits = "[{'name': 'resource/block-bandwidth', 'value': {'default': true, 'limit': '10M'}},"
                + "{'name': 'resource/block-iops', 'value': {'default': true, 'limit': '500'}}]";
        boolean throttles = Files.exists(Path.of("/sys/fs/cgroup/blkio/blkio.throttle.read_bps_device"));
        try (var pod = pod(limits);
                var app = pod.start("app", shell(limits, "sleep 100"))) {
            var expected = throttles ? Enforcement.ENFORCED : Enforcement.UNSUPPORTED;
            assertEquals(
                    Map.of("resource/block-bandwidth", expected, "resource/block-iops", expected),
                    said(app.started.isolators()));
            if (throttles) {
                for (String where : List.of("", "app/")) {
                    assertTrue(limit(pod, "blkio", where + "blkio.throttle.write_bps_device")
                            .endsWith(" 10000000"));
                    assertTrue(limit(pod, "blkio", where + "blkio.throttle.read_iops_device")
                            .endsWith(" 500"));
                }
            }
        }
    }

    @Test
    void what_this_host_or_nobody_has_is_said_to_be_unsupported() throws IOException {
        String limits = "[{'name': 'aestus.io/hugepages', 'value': {'2MB': '4Mi'}},"
                + "{'name': 'os/linux/selinux-context', 'value':"
                + " {'user': 'u', 'role': 'r', 'type': 't', 'level': 's0'}},"
                + "{'name': 'resource/network-bandwidth', 'value': {'default': true, 'limit': '1M'}},"
                + "{'name': 'os/unix/sysctl', 'value': {'net.ipv4.ip_forward': '1'}},"
                + "{'name': 'example.com/moon-phase', 'value': 'full'}]";
        boolean hugePages = Files.exists(Path.of("/sys/fs/cgroup/hugetlb"));
        boolean selinux = Files.exists(Path.of("/sys/fs/selinux/enforce"));
        try (var pod = pod("[]");
                var app = pod.start("app", shell(limits, "sleep 100"))) {
            var reports = app.started.isolators();
            assertEquals(
                    Map.of(
                            "aestus.io/hugepages",
                            hugePages ? Enforcement.ENFORCED : Enforcement.UNSUPPORTED,
                            "os/linux/selinux-context",
                            selinux ? Enforcement.ENFORCED : Enforcement.UNSUPPORTED,
                            "resource/network-bandwidth",
                            Enforcement.UNSUPPORTED,
                            "os/unix/sysctl",
                            Enforcement.UNSUPPORTED,
                            "example.com/moon-phase",
                            Enforcement.UNSUPPORTED),
                    said(reports));
            assertTrue(reports.stream()
                    .filter(report -> report.enforcement() != Enforcement.ENFORCED)
                    .noneMatch(report -> report.reason().isEmpty()));
        }
    }

    @Test
    void a_refused_call_without_an_errno_ends_the_app_by_sigsys() throws IOException {
        String remove = "[{'name': 'os/linux/seccomp-remove-set', 'value': {'set': ['mkdir', 'mkdirat']}}]";
        try (var pod = pod("[]")) {
            var outcome = pod.run("app", shell(remove, "exec mkdir /tmp/x"));
            assertEquals(31 + 128, outcome.code());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'seccomp-remove-set', '{\"set\": [\"mkdir\", \"mkdirat\"], \"errno\": \"ENOTSUP\"}', 'Operation not supported', 2",
        "'seccomp-remove-set', '{\"set\": [\"@appc.io/empty\", \"mkdir\"]}', 'made', 2",
        "'seccomp-retain-set', '{\"set\": [\"@appc.io/all\"]}', 'made', 0",
        "'seccomp-retain-set', '{\"set\": [\"@docker/default-whitelist\"], \"errno\": \"ENOSYS\"}', 'made', 2",
        "'seccomp-retain-set', '{\"set\": [\"@rkt/default-whitelist\"], \"errno\": \"ENOSYS\"}', 'made', 2",
        "'seccomp-remove-set', '{\"set\": [\"@rkt/default-blacklist\", \"@systemd/clock\"]}', 'made', 2",
    })
    void filters_are_those_that_are_named(String name, String value, String expected, int mode) throws IOException {
        String all = "[{'name': 'os/linux/" + name + "', 'value': " + value + "}]";
        try (var pod = pod("[]")) {
            String said = output(pod, all, "grep Seccomp: /proc/self/status; mkdir /tmp/x && echo made");
            assertTrue(said.contains(expected) && said.startsWith("Seccomp:\t" + mode), said);
        }
    }

    @Test
    void removing_calls_opens_none_that_are_refused_by_default() throws IOException {
        String remove = "[{'name': 'os/linux/seccomp-remove-set', 'value': {'set': ['reboot'], 'errno': 'EPERM'}}]";
        try (var pod = pod("[]")) {
            assertTrue(output(pod, remove, "unshare -U true").contains("Operation not permitted"));
        }
    }

    @Test
    void a_call_that_no_kernel_has_is_told_about() throws IOException {
        String remove = "[{'name': 'os/linux/seccomp-remove-set',"
                + " 'value': {'set': ['arm_fadvise64_64', 'open_sesame', '@acme/all']}}]";
        try (var pod = pod("[]");
                var app = pod.start("app", shell(remove, "sleep 100"))) {
            assertEquals(
                    List.of(new IsolatorReport(
                            "os/linux/seccomp-remove-set", Enforcement.PARTLY, "not known: open_sesame @acme/all")),
                    app.started.isolators());
        }
    }

    @Test
    void a_pod_says_of_each_of_its_isolators_what_became_of_it() throws IOException {
        String manifest = "[{'name': 'os/unix/sysctl', 'value': {'net.ipv4.ip_forward': '1'}},"
                + "{'name': 'resource/network-bandwidth', 'value': {'default': true, 'limit': '1M'}},"
                + "{'name': 'os/linux/no-new-privileges', 'value': true},"
                + "{'name': 'aestus.io/rlimits', 'value': {'core': 0}},"
                + "{'name': 'os/linux/cpu-shares', 'value': 300},"
                + "{'name': 'example.com/moon-phase', 'value': 'full'}]";
        var reports = host.reports(PodManifest.of().withIsolators(isolators(manifest)), PodOptions.DEFAULT);
        assertEquals(
                Map.of(
                        "os/unix/sysctl", Enforcement.ENFORCED,
                        "resource/network-bandwidth", Enforcement.ENFORCED, // there is only a loopback
                        "os/linux/no-new-privileges", Enforcement.UNSUPPORTED,
                        "aestus.io/rlimits", Enforcement.UNSUPPORTED,
                        "os/linux/cpu-shares", Enforcement.ENFORCED,
                        "example.com/moon-phase", Enforcement.UNSUPPORTED),
                said(reports));
    }

    @ParameterizedTest
    @CsvSource({
        "resource/memory, '{\"limit\": \"1k\"}', 'cannot limit memory to 1k: no program starts in less than 1Mi'",
        "resource/cpu, '{\"limit\": \"0\"}', 'cannot limit processors to 0: without any nothing runs'",
        "resource/block-iops, '{\"default\": true, \"limit\": \"0\"}',"
                + " 'cannot limit resource/block-iops to 0: a rate is more than nothing'",
        "aestus.io/pids, '{\"limit\": 0}', 'limit: must be at least 1: the app is a process itself'",
        "aestus.io/cpuset, '{\"cpus\": \"all\"}', does not name processors or memory nodes",
        "aestus.io/hugepages, '{\"big\": 1}', does not name a size of huge pages",
        "aestus.io/rlimits, '{\"fun\": 1}', 'is no resource limit such as NOFILE'",
        "aestus.io/ulimit-nofile, '{\"soft\": 2, \"hard\": 1}', 'must not be above hard'",
    })
    void what_nothing_could_run_under_is_refused(String name, String value, String reason) throws IOException {
        try (var pod = pod("[]")) {
            String json = "[{'name': '" + name + "', 'value': " + value + "}]";
            var refused = assertThrows(AestusException.class, () -> pod.run("app", shell(json, "true")));
            assertEquals(Problem.INVALID, refused.problem());
            assertTrue(refused.message().contains(reason), refused.message());
            assertFalse(Files.exists(Path.of("/sys/fs/cgroup/memory", pod.place.cgroup(), "app")));
        }
    }

    @Test
    void the_least_memory_suffices_to_start_or_is_told_about() throws IOException {
        try (var pod = pod("[]")) {
            String least = "[{'name': 'resource/memory', 'value': {'limit': '1Mi'}}]";
            assertEquals("fits", output(pod, least, "echo fits"));
        }
    }

    @Test
    void quantities_beyond_all_hosts_are_no_limit() throws IOException {
        String huge = "[{'name': 'resource/cpu', 'value': {'limit': '1E', 'request': '1E'}},"
                + "{'name': 'resource/memory', 'value': {'limit': '8E'}}]";
        try (var pod = pod("[]");
                RunningApp app = pod.start("app", shell(huge, "echo runs; sleep 100"))) {
            assertEquals("runs", app.line());
        }
    }
}
