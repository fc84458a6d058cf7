package io.aestus.executor;

import static io.aestus.executor.Node.app;
import static io.aestus.executor.Node.name;
import static io.aestus.executor.Node.sandbox;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.linux.Fd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** What is different where each app has a kernel of its own. */
@Tag("host")
@EnabledIf(value = "isThere", disabledReason = "there is no runsc (scripts/cluster-tools builds it)")
class RunscHostTest extends NodeContract {
    RunscHostTest() {
        super(Isolation.OCI_RUNSC);
    }

    static boolean isThere() {
        return Isolation.OCI_RUNSC.isThere();
    }

    @Test
    void the_kernel_that_an_app_sees_is_not_the_hosts() throws Exception {
        var pod = run(sandbox(app("web", "cat /proc/version; exec sleep 1000")));
        String hosts = Files.readString(Path.of("/proc/version")).strip();
        awaitLine(pod, "web", "stdout F Linux version 4.19.0-gvisor #1 SMP Sun Jan 10 15:06:54 PST 2016");
        assertTrue(!node().log(pod, "web").contains("stdout F " + hosts), hosts);
    }

    @Test
    void apps_of_a_pod_find_each_other_in_its_network() throws Exception {
        var pod = run(sandbox(
                app("web", "while :; do echo hello | nc -l -p 8080; done"),
                app("client", "until nc 127.0.0.1 8080; do sleep 0.1; done; exec sleep 1000")));
        awaitLine(pod, "client", "stdout F hello");
    }

    @Test
    void the_files_of_an_app_that_runs_are_seen_from_outside_and_are_seen_to_change() throws Exception {
        var pod = run(sandbox(app(
                "web",
                "echo mine > /made; echo up; until [ -e /given ]; do sleep 0.05; done; cat /given; sleep 1000")));
        awaitLine(pod, "web", "stdout F up");
        try (AppFiles files = node().executor.files(pod, name("web"))) {
            assertEquals("mine\n", read(files, "made"));
            try (Fd given = files.root().createFile("given", 0644)) {
                given.writeFully("of the host\n".getBytes(StandardCharsets.UTF_8));
            }
        }
        awaitLine(pod, "web", "stdout F of the host");
    }

    private static String read(AppFiles files, String name) throws IOException {
        try (Fd file = files.root().openInRoot(name)) {
            return new String(file.readAll(100), StandardCharsets.UTF_8);
        }
    }

    @Test
    void a_script_says_what_the_runtime_is_told_besides() throws Exception {
        Path script = directory.resolve("gvisor");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(script, "#!/bin/sh\nexec " + Gvisor.runsc() + " --gvisor-marker-file \"$@\"\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (var host = new Stage1Host(directory.resolve("other"), new Stage1Name.Oci(script));
                var pod = host.start(PodOptions.DEFAULT)) {
            assertEquals(
                    "gvisor\n",
                    pod.run("app", Stage1Host.shell("ls /proc | grep gvisor")).stdout());
        }
        Files.delete(directory.resolve("other"));
    }
}
