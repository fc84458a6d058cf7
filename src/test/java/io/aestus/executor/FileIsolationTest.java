package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.executor.Stage1Host.Outcome;
import io.aestus.executor.Stage1Host.RunningApp;
import io.aestus.executor.Stage1Host.RunningPod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an app cannot do with files, devices, /proc and /sys. */
@Tag("host")
class FileIsolationTest extends Attempts {
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
}
