package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aestus.AestusException;
import io.aestus.appc.App;
import io.aestus.appc.Isolators;
import io.aestus.appc.LinuxIsolator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Devices of the host that an app is given. */
@Tag("host")
class DevicesTest extends OneStage1Host {
    /** A device that every host has and no app may use by itself. */
    private static final Path LOG = Path.of("/dev/kmsg");

    /** The kernel asks for more than the device's permissions. */
    private static final LinuxIsolator READER =
            new LinuxIsolator.CapabilitiesRetainSet(List.of("CAP_SYSLOG", "CAP_MKNOD"));

    private static final String ATTEMPTS =
            "(exec 3< /dev/log/kmsg) 2>/dev/null && echo -n r; (exec 3> /dev/log/kmsg) 2>/dev/null && echo -n w; true";

    @BeforeAll
    static void prepare() throws IOException {
        assumeTrue(Files.exists(LOG), "no " + LOG);
    }

    private static String run(AppOptions options, String script) throws IOException {
        try (var pod = host.start(PodOptions.DEFAULT.withUserNamespace(PodOptions.UserNamespace.HOST))) {
            var app = App.running(List.of("/bin/sh", "-c", script))
                    .isolators(Isolators.of(READER))
                    .build();
            var outcome = pod.run(pod.prepare("app", app, change -> change, options));
            assertEquals("", outcome.stderr());
            return outcome.stdout();
        }
    }

    private static AppOptions with(Path device, String path, String access) {
        return AppOptions.DEFAULT.withDevices(List.of(new AppOptions.Device(device, path, access)));
    }

    @ParameterizedTest
    @CsvSource({"rw,rw", "r,r", "w,w", "rwm,rw", "'',rw"})
    void a_device_can_be_used_as_far_as_it_was_given(String access, String can) throws IOException {
        assertEquals(can, run(with(LOG, "/dev/log/kmsg", access), ATTEMPTS));
    }

    @Test
    void a_device_has_the_owner_and_permissions_that_were_said() throws IOException {
        var owned = AppOptions.DEFAULT.withDevices(List.of(new AppOptions.Device(
                LOG, "/dev/log/kmsg", "rw", Optional.of(new AppOptions.DeviceOwner(1000, 44)), OptionalInt.of(0640))));
        String look = "ls -ln /dev/log/kmsg";
        assertTrue(run(owned, look).matches("(?s)crw-r----- +1 1000 +44 .*"), run(owned, look));
        assertTrue(run(with(LOG, "/dev/log/kmsg", "rw"), look).matches("(?s)crw.{7} +1 0 +0 .*"));
    }

    @Test
    void a_device_that_was_not_given_cannot_be_used() throws IOException {
        assertEquals("", run(AppOptions.DEFAULT, "mkdir /dev/log; mknod /dev/log/kmsg c 1 11; " + ATTEMPTS));
    }

    @Test
    void a_privileged_app_has_all() throws IOException {
        var privileged = AppOptions.DEFAULT.withPrivilege(AppOptions.Privilege.PRIVILEGED);
        assertEquals("c\n", run(privileged, "test -c /dev/kmsg && exec 3> /dev/kmsg && echo c"));
    }

    @Test
    void a_privileged_app_starts_while_the_host_s_shared_memory_comes_and_goes() throws Exception {
        var stop = new AtomicBoolean();
        Path busy = Path.of("/dev/shm/aestus-test-" + ProcessHandle.current().pid());
        Thread churn = Thread.ofPlatform().start(() -> {
            while (!stop.get()) {
                busy.resolve("in").toFile().mkdirs();
                busy.resolve("in").toFile().delete();
                busy.toFile().delete();
            }
        });
        try {
            var privileged = AppOptions.DEFAULT.withPrivilege(AppOptions.Privilege.PRIVILEGED);
            for (int i = 0; i < 20; i++) {
                assertEquals("there is nothing\n", run(privileged, "test -e " + busy + " || echo there is nothing"));
            }
        } finally {
            stop.set(true);
            churn.join();
        }
    }

    @Test
    void what_is_no_device_is_refused() {
        var file = with(Path.of("/proc/version"), "/dev/version", "r");
        assertEquals(
                "cannot add device '/proc/version': it is no device",
                assertThrows(AestusException.class, () -> run(file, "true")).getMessage());
        var access = with(LOG, "/dev/log/kmsg", "rx");
        assertTrue(assertThrows(AestusException.class, () -> run(access, "true"))
                .getMessage()
                .contains("'rx'"));
    }
}
