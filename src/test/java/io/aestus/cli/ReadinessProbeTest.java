package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Apps that are asked whether they are ready, on the command line. */
@Tag("host")
@Timeout(240)
class ReadinessProbeTest extends InABox {
    private static final String SERVE =
            "touch /up; until [ -e /go ]; do sleep 0.02; done;" + " exec /bin/busybox httpd -f -p 8080 -h /";

    private List<String> line(List<String> command, String script, String... probe) {
        var line = new ArrayList<>(command);
        line.addAll(List.of(box.image, "--name=box", "--readiness-period=1s", "--readiness-timeout=20s"));
        line.addAll(List.of(probe));
        line.addAll(List.of("--", "-c", script));
        return line;
    }

    /** The process that starts it is gone: whoever waits for the pod is the next owner, and asks it. */
    private String start(String script, String... probe) {
        return box.apart(line(List.of("run", "--detach"), script, probe));
    }

    private void becomesReady(String pod) {
        assertTrue(box.run("status", pod).ok().contains("\nready=false\n"));
        box.run("exec", pod, "touch", "/go").ok();
        String status = box.run("status", "--wait-ready=100s", pod).ok();
        assertTrue(status.contains("\nready=true\n") && status.contains("\napp-box-ready=true\n"), status);
        assertTrue(box.run("list", "--format=json").ok().contains("\"ready\":true"));
        assertTrue(box.run("app", "status", pod).ok().contains("\nready=true\n"));
        assertTrue(box.run("events", pod).ok().contains("  app-ready  " + pod + "  box\n"));
    }

    @Test
    void a_command_in_the_app_decides() {
        String pod = start("exec sleep 600", "--readiness-exec=/bin/busybox test -e /go");
        assertTrue(box.run("status", "--wait-ready=3s", pod)
                .fails(254)
                .startsWith("aestus: cannot wait until pod " + pod
                        + " is ready: it is not after 3s; the readiness probe does not succeed in box"));
        becomesReady(pod);
    }

    @Test
    void a_list_of_words_has_spaces_in_them() {
        becomesReady(start("exec sleep 600", "--readiness-exec=[\"/bin/sh\", \"-c\", \"[ -e /go ]\"]"));
    }

    @Test
    void an_answer_over_http_decides() {
        becomesReady(start(SERVE, "--readiness-http=8080/up"));
    }

    @Test
    void an_answer_that_says_no_is_none() {
        String pod = start("touch /go; " + SERVE, "--readiness-http=8080/nothing");
        assertTrue(box.run("status", "--wait-ready=3s", pod).fails(254).contains("does not succeed in box"));
    }

    @Test
    void a_connection_decides() {
        becomesReady(start(SERVE, "--readiness-tcp=8080"));
    }

    @Test
    void an_app_that_fails_its_probe_is_not_ready_any_more() throws Exception {
        var running = CompletableFuture.supplyAsync(() -> box.run(line(
                        List.of("run", "--pod-name=asked"),
                        "touch /go; exec sleep 600",
                        "--readiness-exec=/bin/busybox test -e /go",
                        "--readiness-failures=2")
                .toArray(String[]::new)));
        box.await("asked", "list");
        box.await("\napp-box-ready=true\n", "status", "asked");
        box.run("exec", "asked", "rm", "/go").ok();
        box.await("\napp-box-ready=false\n", "status", "asked");
        assertTrue(box.run("events", "asked").ok().contains("  app-unready  "));
        box.run("exec", "asked", "touch", "/go").ok();
        box.await("\napp-box-ready=true\n", "status", "asked");
        box.run("stop", "--force", "asked").ok();
        assertEquals(137, running.get(60, TimeUnit.SECONDS).code());
    }

    @Test
    void a_pod_that_is_prepared_or_gets_an_app_remembers_its_probe() {
        var words = line(List.of("prepare"), SERVE, "--readiness-tcp=8080");
        String pod = box.run(words.toArray(String[]::new)).ok().strip();
        box.apart(List.of("run-prepared", "--detach", pod));
        becomesReady(pod);
        box.run(
                        "app",
                        "add",
                        "--start",
                        pod,
                        box.image,
                        "--name=later",
                        "--readiness-exec=/bin/busybox false",
                        "--exec=/bin/sleep",
                        "--",
                        "600")
                .ok();
        assertTrue(box.run("status", "--wait-ready=2s", pod).fails(254).contains("does not succeed in later"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "--readiness-tcp=0|'0' is no port from 1 to 65535",
                "--readiness-tcp=65536|'65536' is no port",
                "--readiness-tcp=99999999999999999999|is no port",
                "--readiness-tcp=a b|is neither the number nor the name of a port",
                "--readiness-tcp=web|the app has no port named 'web'",
                "--readiness-http=/up|'' is neither the number nor the name of a port",
                "--readiness-http=80/a b|'/a b' is no path of a request",
                "--readiness-exec= |it is empty",
                "--readiness-exec=[]|it is empty",
                "--readiness-exec=[1]|must be a string",
                "--readiness-exec=[a|cannot read",
                "--readiness-exec=true --readiness-tcp=80|in two ways: --readiness-exec and --readiness-tcp",
                "--readiness-period=1s|nothing says how the app is probed",
                "--readiness-tcp=80 --readiness-period=0s|--readiness-period: it is not from 1s to 3600s",
                "--readiness-tcp=80 --readiness-timeout=61s|--readiness-timeout: it is not from 1s to 60s",
                "--readiness-tcp=80 --readiness-timeout=soon|is not a duration",
                "--readiness-tcp=80 --readiness-failures=0|no whole number from 1 to 100"
            })
    void what_cannot_be_is_refused_and_starts_nothing(String options, String reason) {
        var words = new ArrayList<>(List.of("run", "--detach", box.image));
        words.addAll(List.of(options.split(" (?=--)")));
        var result = box.run(words.toArray(String[]::new));
        assertEquals(ExitCode.USAGE, result.code());
        assertTrue(result.err().startsWith("aestus: cannot ") && result.err().contains(reason), result.err());
        assertFalse(result.err().contains("\tat "), result.err());
        assertEquals("", box.run("list", "--no-legend").ok());
    }
}
