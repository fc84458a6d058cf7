package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.App;
import io.aestus.appc.EventHandler;
import io.aestus.appc.Isolator;
import io.aestus.appc.Isolators;
import io.aestus.appc.LinuxIsolator;
import io.aestus.appc.PodManifest;
import io.aestus.executor.Stage1Host.RunningPod;
import io.aestus.linux.Directory;
import io.aestus.linux.Errno;
import io.aestus.linux.LaunchException;
import io.aestus.linux.Rlimit;
import io.aestus.linux.SpoiltLauncher;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whichever step of a launch fails, the failure names it, and nothing is left on the host. */
@Tag("host")
class FaultsTest {
    private static final int MOST_STEPS = 500;

    @TempDir
    Path directory;

    private SpoiltLauncher spoilt;
    private Stage1Host host;

    @BeforeEach
    void open() throws IOException {
        spoilt = new SpoiltLauncher();
        host = new Stage1Host(directory, spoilt.launcher());
    }

    @AfterEach
    void close() throws IOException {
        host.close();
    }

    /** No other test's cgroups are to be counted. */
    private String parent() {
        return Node.cgroupParent(directory);
    }

    /** With what the launch of a pod can be asked for. */
    private static PodManifest manifest() {
        return PodManifest.of().withIsolators(Isolators.of(new Isolator.Sysctl(Map.of("net.ipv4.ip_forward", "1"))));
    }

    /** With what the launch of an app can be asked for. */
    private static App app() {
        return App.running(List.of("true"))
                .user("1000")
                .group("1001")
                .isolators(Isolators.of(
                        new LinuxIsolator.OomScoreAdj(500),
                        new LinuxIsolator.NoNewPrivileges(true),
                        new LinuxIsolator.CapabilitiesRetainSet(List.of("CAP_CHOWN"))))
                .eventHandlers(List.of(new EventHandler(EventHandler.Event.PRE_START, List.of("/bin/true"))))
                .build();
    }

    private static AppOptions options() {
        return AppOptions.DEFAULT
                .withRlimits(List.of(new AppOptions.ResourceLimit("RLIMIT_NOFILE", 99, 100)))
                .withMaskedPaths(List.of("/proc/meminfo", "/sys/kernel"))
                .withReadOnlyPaths(List.of("/proc/sys"));
    }

    /** Something that may fail. */
    @FunctionalInterface
    private interface Attempt {
        void run() throws IOException;
    }

    /** Fails each step in turn; @return the labels of those whose failure was one of the whole. */
    private Set<String> failEach(Attempt attempt, String cgroup) throws IOException {
        attempt.run(); // what is made once for all launches is there
        Map<String, Integer> before = Census.of(directory, cgroup);
        var failed = new TreeSet<String>();
        for (int n = 0; n < MOST_STEPS; n++) {
            spoilt.spoil(n);
            try {
                attempt.run();
            } catch (AestusException e) {
                throw new AssertionError("step " + n + " " + spoilt.label(), e);
            } catch (IOException e) {
                String label = spoilt.label().orElseThrow(() -> new AssertionError("failed by itself", e));
                assertEquals(label + ": ENOSYS (Function not implemented)", e.getMessage(), "step " + n);
                failed.add(label);
            }
            String step = "step " + n + " " + spoilt.label();
            assertEquals(before, Census.of(directory, cgroup), step);
            if (spoilt.label().isEmpty()) {
                return failed;
            }
        }
        throw new AssertionError("a launch of more than " + MOST_STEPS + " steps");
    }

    @ParameterizedTest
    @EnumSource
    void each_step_of_the_launch_of_a_pod(Users users) throws IOException {
        var failed = failEach(
                () -> host.start(manifest(), users.options().withCgroupParent(parent()))
                        .close(),
                parent());
        assertTrue(
                failed.containsAll(List.of("mount proc on raw/proc", "start a session", "execute aestus-pod")),
                failed::toString);
    }

    @Test
    void each_step_of_an_app_that_is_made_ready_and_of_what_it_becomes() throws IOException {
        try (RunningPod pod = host.start(PodOptions.DEFAULT)) {
            var app = App.running(List.of("true"))
                    .user("1000")
                    .group("1001")
                    .isolators(Isolators.of(
                            new LinuxIsolator.OomScoreAdj(500),
                            new LinuxIsolator.CapabilitiesRetainSet(List.of("CAP_CHOWN"))))
                    .build();
            var place = pod.prepare("app", app, change -> change.withReadOnlyRootFs(true), AppOptions.DEFAULT);
            var failed = failEach(
                    () -> {
                        pod.makeReady(place);
                        pod.run(place);
                        try (Directory own = Directory.open(place.directory())) {
                            own.removeTree("upper");
                            own.removeTree("work");
                        }
                    },
                    pod.place.cgroup());
            assertTrue(
                    failed.containsAll(
                            List.of("attach the root", "be sent the rest", "become user 1000", "execute /bin/true")),
                    failed::toString);
        }
    }

    @ParameterizedTest
    @EnumSource
    void each_step_of_the_launch_of_an_app(Users users) throws IOException {
        try (RunningPod pod = host.start(manifest(), users.options())) {
            var place = pod.prepare("app", app(), change -> change.withReadOnlyRootFs(true), options());
            var failed = failEach(() -> pod.run(place), pod.place.cgroup());
            assertTrue(
                    failed.containsAll(List.of("attach the root", "become user 1000", "execute /bin/true")),
                    failed::toString);
        }
    }

    @ParameterizedTest
    @EnumSource
    void each_step_of_what_is_executed_in_an_app(Users users) throws IOException {
        try (RunningPod pod = host.start(
                        PodOptions.DEFAULT.withUserNamespace(users.options().userNamespace()));
                var app = pod.start(pod.prepare("app", Stage1Host.app("/bin/sleep", "1000"), c -> c, options()))) {
            var failed = failEach(() -> execute(app), pod.place.cgroup());
            assertTrue(failed.containsAll(List.of("join namespaces", "execute /bin/sh")), failed::toString);
        }
    }

    private void execute(Stage1Host.RunningApp app) throws IOException {
        try {
            app.exec("true");
        } finally {
            host.stage1.releaseExec(app.place, "test");
        }
    }

    /** With one more descriptor each time, until they suffice. */
    @Test
    void whenever_descriptors_run_out() throws IOException {
        host.start(PodOptions.DEFAULT.withCgroupParent(parent())).close();
        Map<String, Integer> before = Census.of(directory, parent());
        Rlimit usual = Rlimit.of(Rlimit.Resource.NOFILE, 0);
        int failures = 0;
        boolean isEnough = false;
        for (int more = 0; more < 200 && !isEnough; more++) {
            AestusException failure = null;
            RunningPod started = null;
            var place = host.place(PodManifest.of(), PodOptions.DEFAULT.withCgroupParent(parent()));
            new Rlimit(Rlimit.Resource.NOFILE, before.get("descriptors") + more, usual.hard()).set(0);
            try {
                started = host.startOnly(place);
                isEnough = true;
            } catch (IOException e) {
                failure = Failures.of("start the pod", e);
            } finally {
                usual.set(0);
            }
            if (failure != null) {
                failures++;
                assertEquals(Problem.EXHAUSTED, failure.problem(), failure.message());
                assertTrue(failure.message().contains("Too many open files"), failure.message());
                assertTrue(failure.remedy().orElseThrow().contains("ulimit -n"));
            }
            if (started == null) {
                host.discard(place);
            } else {
                started.close();
            }
            assertEquals(before, Census.of(directory, parent()), more + " more descriptors");
        }
        assertTrue(isEnough && failures > 3, failures + " failures");
    }

    @ParameterizedTest
    @ValueSource(ints = {Errno.ENOSPC, Errno.EMFILE, Errno.EAGAIN, Errno.ENOMEM, Errno.ENOSYS, Errno.EPERM})
    void what_the_machine_lacks_comes_with_a_remedy(int errno) {
        var failure = Failures.of("start pod", new LaunchException("clone a child", errno));
        assertEquals("cannot start pod: clone a child: " + Errno.describe(errno), failure.message());
        assertTrue(failure.remedy().isPresent());
    }
}
