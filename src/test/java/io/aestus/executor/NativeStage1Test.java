package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.appc.AbsolutePath;
import io.aestus.appc.AcName;
import io.aestus.appc.App;
import io.aestus.appc.EventHandler;
import io.aestus.appc.Isolators;
import io.aestus.appc.Mount;
import io.aestus.appc.Quantity;
import io.aestus.appc.ResourceIsolator;
import io.aestus.appc.RuntimeApp;
import io.aestus.appc.Volume;
import io.aestus.executor.Stage1Host.Outcome;
import io.aestus.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pods and apps as the built-in isolation makes them. */
@Tag("host")
class NativeStage1Test {
    @TempDir
    Path directory;

    private Stage1Host host;

    @BeforeEach
    void open() throws IOException {
        host = new Stage1Host(directory);
    }

    @AfterEach
    void close() throws IOException {
        host.close();
    }

    @Test
    void an_app_runs_on_the_hosts_users() throws IOException {
        try (var pod = host.start(PodOptions.DEFAULT.withUserNamespace(PodOptions.UserNamespace.HOST))) {
            Outcome outcome = pod.run("hello", Stage1Host.shell("echo hello; exit 3"));
            assertEquals("hello\n", outcome.stdout());
            assertEquals(3, outcome.code());
        }
    }

    @Test
    void an_app_runs_on_users_of_its_own() throws IOException {
        try (var pod = host.start(PodOptions.DEFAULT)) {
            Outcome outcome = pod.run("hello", Stage1Host.shell("echo hello; exit 3"));
            assertEquals("hello\n", outcome.stdout());
            assertEquals(3, outcome.code());
        }
    }

    @Test
    void pods_that_start_at_the_same_time_do_not_disturb_each_other() throws Exception {
        try (var threads = Executors.newFixedThreadPool(6)) {
            var all = new ArrayList<Future<Integer>>();
            for (int i = 0; i < 120; i++) {
                all.add(threads.submit(() -> {
                    try (var pod = host.start(PodOptions.DEFAULT)) {
                        var app = Stage1Host.shell("exit 3");
                        return pod.run(pod.prepare(
                                        "app", app, change -> change.withReadOnlyRootFs(true), AppOptions.DEFAULT))
                                .code();
                    }
                }));
            }
            for (Future<Integer> one : all) {
                assertEquals(3, one.get());
            }
        }
    }

    private Outcome run(App app, UnaryOperator<RuntimeApp> change, AppOptions options, Volume... volumes)
            throws IOException {
        try (var pod = host.start(PodOptions.DEFAULT, List.of(volumes))) {
            return pod.run(pod.prepare("app", app, change, options));
        }
    }

    @Test
    void a_volume_of_the_host_is_seen_with_its_owners_and_read_only_means_it() throws IOException {
        Path source = Files.createDirectories(directory.resolve("data/sub"));
        Files.writeString(source.resolve("file"), "of the host");
        var readOnly = new Volume.Host(new AcName("data"), AbsolutePath.parse(directory + "/data"), true, true);
        Outcome outcome = run(
                Stage1Host.shell(
                        "cat /data/sub/file; stat -c %u /data/sub/file; touch /data/new; touch /data/sub/file"),
                app -> app.withMounts(List.of(Mount.of(new AcName("data"), AbsolutePath.parse("/data")))),
                AppOptions.DEFAULT,
                readOnly);
        assertEquals("of the host0\n", outcome.stdout());
        assertEquals(
                2,
                outcome.stderr()
                        .lines()
                        .filter(line -> line.contains("Read-only file system"))
                        .count());
        assertFalse(Files.exists(directory.resolve("data/new")));
    }

    @Test
    void what_is_written_to_a_volume_of_the_host_stays() throws IOException {
        Files.createDirectories(directory.resolve("data"));
        var volume = new Volume.Host(new AcName("data"), AbsolutePath.parse(directory + "/data"), false, false);
        run(
                Stage1Host.shell("echo kept > /deep/er/data/file"),
                app -> app.withMounts(List.of(Mount.of(new AcName("data"), AbsolutePath.parse("/deep/er/data")))),
                AppOptions.DEFAULT,
                volume);
        assertEquals("kept\n", Files.readString(directory.resolve("data/file")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/proc", "/proc/sys", "/sys", "/sys/fs/cgroup", "/dev", "/dev/pts", "/dev/./pts/x"})
    void a_volume_cannot_stand_in_for_what_is_every_apps_own(String path) throws IOException {
        Files.createDirectories(directory.resolve("data"));
        var volume = new Volume.Host(new AcName("data"), AbsolutePath.parse(directory + "/data"), false, false);
        var refused = assertThrows(
                AestusException.class,
                () -> run(
                        Stage1Host.shell("true"),
                        app -> app.withMounts(List.of(Mount.of(new AcName("data"), AbsolutePath.parse(path)))),
                        AppOptions.DEFAULT,
                        volume));
        assertTrue(refused.getMessage().startsWith("cannot mount volume data on /"), refused.getMessage());
    }

    @Test
    void apps_of_a_pod_share_an_empty_volume() throws IOException {
        var shared = Volume.Empty.named(new AcName("shared"));
        try (var pod = host.start(PodOptions.DEFAULT, List.of(shared))) {
            UnaryOperator<RuntimeApp> mounted =
                    app -> app.withMounts(List.of(Mount.of(new AcName("shared"), AbsolutePath.parse("/shared"))));
            pod.run(pod.prepare("one", Stage1Host.shell("echo word > /shared/file"), mounted, AppOptions.DEFAULT));
            assertEquals(
                    "word\n",
                    pod.run(pod.prepare("two", Stage1Host.shell("cat /shared/file"), mounted, AppOptions.DEFAULT))
                            .stdout());
        }
    }

    @Test
    void nothing_is_mounted_over_the_kernels_file_systems() {
        var volume = new Volume.Host(new AcName("data"), AbsolutePath.parse(directory.toString()), false, false);
        var refused = assertThrows(
                AestusException.class,
                () -> run(
                        Stage1Host.shell("true"),
                        app -> app.withMounts(List.of(Mount.of(new AcName("data"), AbsolutePath.parse("/proc/sys")))),
                        AppOptions.DEFAULT,
                        volume));
        assertEquals("cannot mount volume data on /proc/sys: nothing can be mounted in /proc", refused.message());
    }

    @Test
    void an_image_whose_proc_is_a_link_is_refused() throws IOException {
        Files.createSymbolicLink(host.image.resolve("proc"), Path.of("/tmp"));
        var refused = assertThrows(
                AestusException.class, () -> run(Stage1Host.shell("true"), app -> app, AppOptions.DEFAULT));
        assertEquals("cannot start the app: /proc of its image is no directory", refused.message());
    }

    @Test
    void a_link_in_the_image_leads_a_volume_nowhere_else() throws IOException {
        Files.createSymbolicLink(host.image.resolve("data"), Path.of("/../../../../" + directory + "/outside"));
        Path outside = Files.createDirectories(directory.resolve("outside"));
        var volume = Volume.Empty.named(new AcName("data"));
        assertThrows(
                AestusException.class,
                () -> run(
                        Stage1Host.shell("echo x > /data/file"),
                        app -> app.withMounts(List.of(Mount.of(new AcName("data"), AbsolutePath.parse("/data")))),
                        AppOptions.DEFAULT,
                        volume));
        try (var left = Files.list(outside)) {
            assertEquals(0, left.count());
        }
    }

    @Test
    void a_root_that_is_read_only_takes_nothing() throws IOException {
        Outcome outcome = run(
                Stage1Host.shell("touch /new; echo x > /dev/null && echo ok"),
                app -> app.withReadOnlyRootFs(true),
                AppOptions.DEFAULT);
        assertEquals("ok\n", outcome.stdout());
        assertTrue(outcome.stderr().contains("Read-only file system"), outcome.stderr());
    }

    @Test
    void users_are_found_by_name_number_and_file() throws IOException {
        for (var user :
                Map.of("web", "1000", "1234", "1234", "/etc/passwd", "0").entrySet()) {
            var app = Stage1Host.shell("id -u").toBuilder().user(user.getKey()).build();
            assertEquals(
                    user.getValue() + "\n",
                    run(app, same -> same, AppOptions.DEFAULT).stdout());
        }
    }

    @Test
    void a_user_that_the_image_does_not_know_is_refused() {
        var app = Stage1Host.shell("id").toBuilder().user("nobody-here").build();
        var refused = assertThrows(AestusException.class, () -> run(app, same -> same, AppOptions.DEFAULT));
        assertEquals("cannot run as user 'nobody-here': the image knows no such user", refused.message());
    }

    @Test
    void the_handler_before_the_start_runs_first_and_its_failure_is_the_apps() throws IOException {
        var app = Stage1Host.shell("cat /made").toBuilder()
                .eventHandlers(List.of(new EventHandler(
                        EventHandler.Event.PRE_START, List.of("/bin/sh", "-c", "echo by the handler > /made"))))
                .build();
        assertEquals(
                "by the handler\n", run(app, same -> same, AppOptions.DEFAULT).stdout());
        var failing = app.toBuilder()
                .eventHandlers(List.of(new EventHandler(EventHandler.Event.PRE_START, List.of("/bin/false"))))
                .build();
        var refused = assertThrows(AestusException.class, () -> run(failing, same -> same, AppOptions.DEFAULT));
        assertEquals("cannot run handler pre-start of app: it ended with 1", refused.message());
    }

    @Test
    void a_working_directory_behind_a_magic_link_is_refused() {
        for (String path : List.of("/proc/self/fd/7", "/proc/self/cwd", "/not/there")) {
            var app = Stage1Host.shell("ls").toBuilder()
                    .workingDirectory(AbsolutePath.parse(path))
                    .build();
            assertThrows(IOException.class, () -> run(app, same -> same, AppOptions.DEFAULT), path);
        }
    }

    @Test
    void a_program_behind_a_magic_link_is_none_of_the_hosts() {
        for (int number = 4; number < 40; number++) { // 3 is the app's own working directory at that moment
            var app = Stage1Host.app("/proc/self/fd/" + number + "/bin/sh", "-c", "true");
            assertThrows(IOException.class, () -> run(app, same -> same, AppOptions.DEFAULT));
        }
    }

    @Test
    void memory_beyond_the_limit_ends_the_app_and_nothing_else() throws IOException {
        var app = Stage1Host.shell("x=a; while true; do x=$x$x; done").toBuilder()
                .isolators(Isolators.of(ResourceIsolator.Memory.limit(Quantity.of(16L << 20))))
                .build();
        try (var pod = host.start(PodOptions.DEFAULT)) {
            try (var running = pod.start("app", app)) {
                assertNotEquals(0, running.await().code());
                assertTrue(host.stage1.wasOutOfMemory(running.place));
            }
            assertEquals(0, pod.run("next", Stage1Host.app("/bin/true")).code());
        }
    }

    @Test
    void apps_of_a_pod_see_one_hostname_and_each_other() throws IOException {
        try (var pod = host.start(PodOptions.DEFAULT.withHostname("web-1"));
                var first = pod.start("first", Stage1Host.shell("echo up; exec sleep 1000"))) {
            assertEquals("up", first.line());
            Outcome outcome =
                    pod.run("second", Stage1Host.shell("hostname; cat /etc/hostname; ps | grep -c 'sleep [1]000'"));
            assertEquals("web-1\nweb-1\n1\n", outcome.stdout());
        }
    }

    @Test
    void an_app_of_a_pod_whose_start_was_cut_short_is_released() throws IOException {
        try (var pod = host.start(PodOptions.DEFAULT)) {
            var app = pod.prepare("app", Stage1Host.app("/bin/true"), change -> change, AppOptions.DEFAULT);
            var place = pod.place;
            var cut = new Stage1.PodPlace(
                    place.uuid(),
                    place.directory(),
                    place.manifest(),
                    place.options(),
                    place.cgroup(),
                    JsonObject.EMPTY);
            var half = new Stage1.AppPlace(
                    cut, app.name(), app.directory(), app.app(), app.options(), 1, JsonObject.EMPTY);
            host.stage1.killApp(half);
            host.stage1.releaseApp(half, HandlerOutput.NOWHERE);
        }
    }

    @Test
    void no_two_pods_have_users_in_common() throws IOException {
        try (var one = host.start(PodOptions.DEFAULT);
                var two = host.start(PodOptions.DEFAULT)) {
            assertNotEquals(
                    PodContext.read(one.place.record()).users(),
                    PodContext.read(two.place.record()).users());
        }
        try (var left = Files.list(directory.resolve("users"))) {
            assertEquals(0, left.count());
        }
    }
}
