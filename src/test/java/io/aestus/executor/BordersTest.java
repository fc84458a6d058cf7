package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aestus.AestusException;
import io.aestus.appc.AbsolutePath;
import io.aestus.appc.AcName;
import io.aestus.appc.App;
import io.aestus.appc.Isolator;
import io.aestus.appc.Isolators;
import io.aestus.appc.Mount;
import io.aestus.appc.PodManifest;
import io.aestus.appc.Volume;
import io.aestus.executor.Stage1Host.Outcome;
import io.aestus.executor.Stage1Host.RunningApp;
import io.aestus.executor.Stage1Host.RunningPod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What lies between pods, and between volumes, images and the host: the ways on which others were left. */
@Tag("host")
class BordersTest extends OneStage1Host {
    private static final AcName DATA = new AcName("data");

    @BeforeAll
    static void prepare() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")), "no gcc to build the probe with");
        compile(host.image.resolve("bin/probe"));
    }

    private static void compile(Path program) throws Exception {
        String source = "src/test/resources/io/aestus/executor/probe.c";
        var compiler = new ProcessBuilder("gcc", "-static", "-O1", "-o", program.toString(), source)
                .inheritIO()
                .start();
        assertEquals(0, compiler.waitFor(), "gcc");
    }

    private static Volume.Host volume(Path source, boolean readOnly) {
        return new Volume.Host(DATA, AbsolutePath.parse(source.toString()), readOnly, true);
    }

    private static Outcome run(RunningPod pod, App app, AppOptions options) throws IOException {
        return pod.run(pod.prepare(
                "app", app, each -> each.withMounts(List.of(Mount.of(DATA, AbsolutePath.parse("/data")))), options));
    }

    @ParameterizedTest
    @EnumSource
    void pods_share_neither_memory_nor_queues(Users users) throws IOException {
        try (RunningPod one = pod(users);
                RunningPod other = pod(users)) {
            assertEquals(
                    0,
                    one.run("app", Stage1Host.shell("echo x > /dev/shm/x; echo x > /dev/mqueue/x; true"))
                            .code());
            assertEquals(
                    "x\n", one.run("again", Stage1Host.shell("ls /dev/shm")).stdout());
            assertEquals(
                    "",
                    other.run("app", Stage1Host.shell("ls /dev/shm /dev/mqueue | grep x"))
                            .stdout());
        }
    }

    @ParameterizedTest
    @EnumSource
    void what_is_mounted_below_a_read_only_volume_is_read_only_too(Users users) throws Exception {
        Path source = Files.createDirectories(directory.resolve("outer-" + users));
        Path below = Files.createDirectories(source.resolve("below"));
        assertEquals(0, command("mount", "-t", "tmpfs", "none", below.toString()));
        try (RunningPod pod = pod(users, volume(source, true))) {
            String script = "for f in /data/x /data/below/x; do (: > $f) 2>/dev/null && echo wrote $f; done;"
                    + " mount -o remount,rw /data 2>/dev/null && echo remounted; umount /data/below 2>/dev/null && echo gone;"
                    + " test -d /data/below && echo done";
            assertEquals(
                    "done\n",
                    run(pod, Stage1Host.shell(script), AppOptions.DEFAULT).stdout());
        } finally {
            assertEquals(0, command("umount", below.toString()));
        }
    }

    private static int command(String... words) throws Exception {
        return new ProcessBuilder(words).inheritIO().start().waitFor();
    }

    @ParameterizedTest
    @EnumSource
    void programs_of_a_volume_give_nobody_their_owners_power(Users users) throws Exception {
        Path source = Files.createDirectories(directory.resolve("programs-" + users));
        compile(source.resolve("probe"));
        assertEquals(0, command("chmod", "4755", source.resolve("probe").toString()));
        try (RunningPod pod = pod(users, volume(source, false))) {
            App app = Stage1Host.app("/data/probe", "setuid-root").toBuilder()
                    .user("web")
                    .group("web")
                    .build();
            assertEquals(
                    "setuid-root EPERM\n", run(pod, app, AppOptions.DEFAULT).stdout());
        }
    }

    @ParameterizedTest
    @EnumSource
    void what_a_privileged_app_mounts_is_its_own(Users users) throws IOException {
        var privileged = AppOptions.DEFAULT.withPrivilege(AppOptions.Privilege.PRIVILEGED);
        Path source = Files.createDirectories(directory.resolve("target-" + users));
        try (RunningPod pod = pod(users, volume(source, false))) {
            String script = "mount -t tmpfs none /data && touch /data/inside && ls /data";
            assertEquals(
                    "inside\n", run(pod, Stage1Host.shell(script), privileged).stdout());
            assertFalse(Files.exists(source.resolve("inside")));
            assertFalse(Files.readString(Path.of("/proc/self/mountinfo")).contains("target-" + users));
        }
    }

    @ParameterizedTest
    @EnumSource
    void nobody_types_into_a_terminal_for_others(Users users) throws IOException {
        try (RunningPod pod = pod(users)) {
            Outcome outcome = pod.run("app", Stage1Host.app("/bin/probe", "tiocsti"));
            assertFalse(outcome.stdout().contains("ok"), outcome.stdout());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"proc", "sys", "dev"})
    void an_image_cannot_lead_what_is_mounted_elsewhere(String name) throws IOException {
        Path elsewhere = Files.createDirectories(directory.resolve("elsewhere"));
        Path link = host.image.resolve(name);
        Files.createSymbolicLink(link, elsewhere);
        try (RunningPod pod = host.start(PodOptions.DEFAULT)) {
            var refused = assertThrows(AestusException.class, () -> pod.run("app", Stage1Host.app("/bin/true")));
            assertEquals("cannot start the app: /" + name + " of its image is no directory", refused.message());
        } finally {
            Files.delete(link);
        }
        try (var left = Files.list(elsewhere)) {
            assertEquals(List.of(), left.toList());
        }
    }

    @Test
    void an_image_brings_no_devices_to_cover_with() throws IOException {
        Path devices = Files.createDirectories(host.image.resolve("dev"));
        Files.createSymbolicLink(devices.resolve("null"), Path.of("/etc/passwd"));
        try (RunningPod pod = host.start(PodOptions.DEFAULT)) {
            Outcome outcome =
                    pod.run("app", Stage1Host.shell("test -c /dev/null && cat /proc/keys /proc/kcore | wc -c"));
            assertEquals("0\n", outcome.stdout());
        } finally {
            Files.delete(devices.resolve("null"));
            Files.delete(devices);
        }
    }

    /** An app swaps a directory of a shared volume for a link, all the time, while others are started that mount below it. */
    @Test
    void a_target_that_changes_while_it_is_mounted_leads_nowhere_else() throws IOException {
        Path shared = Files.createDirectories(directory.resolve("shared/place"));
        Path other = Files.createDirectories(directory.resolve("mounted"));
        Files.writeString(other.resolve("mark"), "mark");
        var outer = new Volume.Host(DATA, AbsolutePath.parse(shared.getParent().toString()), false, true);
        var inner = new Volume.Host(new AcName("inner"), AbsolutePath.parse(other.toString()), false, true);
        List<Mount> mounts = List.of(
                Mount.of(DATA, AbsolutePath.parse("/data")),
                Mount.of(new AcName("inner"), AbsolutePath.parse("/data/place/deep")));
        String swap = "echo up; cd /data; while :; do mv place away; ln -s /etc place; rm place; mv away place; done";
        try (RunningPod pod = host.start(PodOptions.DEFAULT, List.of(outer, inner))) {
            var swapper = pod.prepare(
                    "swapper",
                    Stage1Host.shell(swap),
                    each -> each.withMounts(List.of(mounts.getFirst())),
                    AppOptions.DEFAULT);
            try (RunningApp running = pod.start(swapper)) {
                assertEquals("up", running.line());
                for (int i = 0; i < 40; i++) {
                    var place = pod.prepare(
                            "app-" + i,
                            Stage1Host.shell("ls /etc/mark /etc/deep 2>/dev/null; test -d /proc/self && echo fine"),
                            each -> each.withMounts(mounts),
                            AppOptions.DEFAULT);
                    assertMountsThereOrNotAtAll(pod, place);
                }
            }
        }
        assertFalse(Files.readString(Path.of("/proc/self/mountinfo")).contains("/mounted "));
        assertFalse(Files.exists(Path.of("/etc/deep")));
    }

    private static void assertMountsThereOrNotAtAll(RunningPod pod, Stage1.AppPlace place) {
        try {
            assertEquals("fine\n", pod.run(place).stdout());
        } catch (IOException | AestusException refused) {
            assertFalse(String.valueOf(refused.getMessage()).isEmpty());
        }
    }

    @Test
    void settings_of_the_kernel_are_those_of_the_pod_only() throws IOException {
        assertEquals("1\n", sysctl(Map.of("net.ipv4.ip_forward", "1"), "cat /proc/sys/net/ipv4/ip_forward"));
        for (var hostile : List.of(
                Map.of("kernel.core_pattern", "|/x"),
                Map.of("net/../kernel/core_pattern", "|/x"),
                Map.of("kernel.shm_rmid_forced+kernel.core_pattern", "1"))) {
            assertThrows(AestusException.class, () -> sysctl(hostile, "true"), hostile.toString());
        }
        assertFalse(Files.readString(Path.of("/proc/sys/kernel/core_pattern")).contains("|/x"));
    }

    private static String sysctl(Map<String, String> settings, String script) throws IOException {
        var manifest = PodManifest.of().withIsolators(Isolators.of(new Isolator.Sysctl(settings)));
        try (RunningPod pod = host.start(manifest, PodOptions.DEFAULT)) {
            return pod.run("app", Stage1Host.shell(script)).stdout();
        }
    }
}
