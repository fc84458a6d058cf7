package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.appc.AbsolutePath;
import io.aestus.appc.AcName;
import io.aestus.appc.App;
import io.aestus.appc.Mount;
import io.aestus.appc.MountPoint;
import io.aestus.appc.Quantity;
import io.aestus.appc.Volume;
import io.aestus.executor.Stage1.AppPlace;
import io.aestus.executor.Stage1Host.RunningPod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Volumes in memory, and volumes that are devices or files. */
@Tag("host")
class VolumesTest extends OneStage1Host {
    private static Volume.Empty memory(String size) {
        return new Volume.Empty(
                new AcName("data"), false, 01770, 0, 1001, Volume.Medium.MEMORY, Optional.of(Quantity.parse(size)));
    }

    private static Volume.Host ofHost(String source, boolean readOnly) {
        return new Volume.Host(new AcName("data"), AbsolutePath.parse(source), readOnly, true);
    }

    private static AppPlace app(RunningPod pod, String name, String target, String script) throws IOException {
        return pod.prepare(
                name,
                Stage1Host.shell(script),
                each -> each.withMounts(List.of(Mount.of(new AcName("data"), AbsolutePath.parse(target)))),
                AppOptions.DEFAULT);
    }

    private static String output(RunningPod pod, String target, String script) throws IOException {
        var outcome = pod.run(app(pod, "app", target, script));
        return (outcome.stdout() + outcome.stderr()).strip();
    }

    @ParameterizedTest
    @EnumSource
    void memory_is_shared_by_the_apps_of_a_pod_and_goes_with_it(Users users) throws IOException {
        try (var pod = pod(users, memory("1Mi"))) {
            assertEquals("", output(pod, "/data", "echo kept > /data/file"));
            assertEquals("kept", output(pod, "/elsewhere", "cat /elsewhere/file"));
            assertEquals(
                    "tmpfs 1770 0:1001",
                    output(
                            pod,
                            "/data",
                            "echo $(grep ' /data ' /proc/mounts | cut -d' ' -f3) $(stat -c '%a %u:%g' /data)"));
        }
        try (var pod = pod(users, memory("1Mi"))) {
            assertEquals("0", output(pod, "/data", "ls /data | wc -l"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void memory_holds_no_more_than_was_said(Users users) throws IOException {
        try (var pod = pod(users, memory("256Ki"))) {
            var outcome = pod.run(app(pod, "app", "/data", "head -c 1m /dev/zero > /data/file; stat -c %s /data/file"));
            assertEquals("262144\n", outcome.stdout());
            assertTrue(outcome.stderr().contains("head:"), outcome.stderr());
        }
    }

    @ParameterizedTest
    @EnumSource
    void memory_that_is_read_only_takes_nothing(Users users) throws IOException {
        try (var pod = pod(users, memory("1Mi").asReadOnly())) {
            assertTrue(output(pod, "/data", "echo x > /data/file").contains("Read-only file system"));
        }
    }

    @Test
    void an_app_can_have_memory_of_its_own() throws IOException {
        var own = new Mount(new AcName("data"), AbsolutePath.parse("/own"), Optional.of(memory("1Mi")));
        try (var pod = pod(Users.PRIVATE_USERS)) {
            var place = pod.prepare(
                    "app",
                    Stage1Host.shell("grep -c ' /own tmpfs ' /proc/mounts; echo x > /own/file; cat /own/file"),
                    each -> each.withMounts(List.of(own)),
                    AppOptions.DEFAULT);
            assertEquals("1\nx\n", pod.run(place).stdout());
        }
    }

    @Test
    void nothing_is_mounted_within_the_memory_of_a_pod() throws IOException {
        try (var pod = pod(Users.PRIVATE_USERS, memory("1Mi"))) {
            var app = App.running(List.of("/bin/true"))
                    .mountPoints(List.of(
                            new MountPoint(new AcName("data"), AbsolutePath.parse("/data"), false),
                            new MountPoint(new AcName("inner"), AbsolutePath.parse("/data/inner"), false)))
                    .build();
            var refused = assertThrows(AestusException.class, () -> pod.run("app", app));
            assertEquals(
                    "cannot mount volume app-inner on /data/inner: it lies in /data, a volume in memory, which has no"
                            + " places for others",
                    refused.message());
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_volume_that_is_a_device_opens_it(Users users) throws IOException {
        String attempts =
                "(exec 3< /dev/own) 2> /dev/null && echo -n r; (exec 3> /dev/own) 2> /dev/null && echo -n w; true";
        try (var pod = pod(users, ofHost("/dev/zero", false))) {
            assertEquals("rw", output(pod, "/dev/own", attempts));
            assertEquals("1", output(pod, "/dev/own", "head -c 1 /dev/own | wc -c"));
        }
        try (var pod = pod(users, ofHost("/dev/fuse", false))) {
            assertEquals("rw", output(pod, "/dev/own", attempts));
            assertEquals(
                    "",
                    output(
                            pod,
                            "/dev/fuse",
                            "mknod /dev/own c 10 200 2> /dev/null; (exec 3< /dev/own) 2> /dev/null && echo r; true"));
            assertEquals("", output(pod, "/elsewhere", attempts.replace("/dev/own", "/elsewhere")));
        }
        try (var pod = pod(users, ofHost("/dev/fuse", true))) {
            assertEquals("r", output(pod, "/dev/own", attempts));
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_volume_that_is_a_file(Users users) throws IOException {
        Path file = Files.writeString(directory.resolve("file-" + users), "text\n");
        try (var pod = pod(users, ofHost(file.toString(), true))) {
            assertEquals("text", output(pod, "/etc/deep/file", "cat /etc/deep/file"));
            assertTrue(output(pod, "/etc/file", "echo x > /etc/file").contains("Read-only file system"));
        }
    }
}
