package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.appc.AcName;
import io.aestus.appc.App;
import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import io.aestus.appc.RuntimeApp;
import io.aestus.appc.RuntimeImage;
import io.aestus.cri.v1.ExecSyncResponse;
import io.aestus.executor.AppProcess;
import io.aestus.executor.AppSpec;
import io.aestus.executor.ExitStatus;
import io.aestus.executor.PodSpec;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SyncExecTest {
    private final FakePods pods = new FakePods();
    private PodUuid pod;
    private AcName app;

    @BeforeEach
    void start() {
        pod = pods.run(PodSpec.of(PodManifest.of()));
        var image = FakeImages.image(
                "example.com/busybox", "1", App.running(List.of("/bin/sh")).build());
        app = pods.addApp(pod, AppSpec.of(RuntimeApp.of(AcName.parse("app"), RuntimeImage.of(image.id()))));
        pods.startApp(pod, app);
    }

    private ExecSyncResponse run(ScriptedProcess process, Duration limit) throws Exception {
        pods.exec = what -> {
            assertEquals(List.of("/bin/probe", "-v"), what.command());
            return process;
        };
        return new SyncExec(pods).run(pod, app, List.of("/bin/probe", "-v"), limit);
    }

    @Test
    void a_code_other_than_zero_is_an_answer_with_both_streams() throws Exception {
        var process = new ScriptedProcess(text("out"), text("err"), Optional.of(ExitStatus.ofCode(3)));
        ExecSyncResponse response = run(process, Duration.ZERO);
        assertEquals("out", response.getStdout().toStringUtf8());
        assertEquals("err", response.getStderr().toStringUtf8());
        assertEquals(3, response.getExitCode());
        assertTrue(process.isClosed);
    }

    @Test
    void what_takes_too_long_is_killed() {
        var process = new ScriptedProcess(text(""), text(""), Optional.empty());
        var failure = assertThrows(TimeoutException.class, () -> run(process, Duration.ofSeconds(7)));
        assertEquals("command /bin/probe timed out after 7 s", failure.getMessage());
        assertTrue(process.isClosed);
    }

    @Test
    void endless_output_is_read_to_its_end_and_cut() throws Exception {
        var endless = new InputStream() {
            private long left = 40L << 20;

            @Override
            public int read() {
                return left-- > 0 ? 'x' : -1;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) {
                if (left <= 0) {
                    return -1;
                }
                left -= length;
                return length;
            }
        };
        var process = new ScriptedProcess(endless, text(""), Optional.of(ExitStatus.ofCode(0)));
        assertEquals(
                (8 << 20) - 4096,
                run(process, Duration.ofSeconds(30)).getStdout().size());
        assertTrue(endless.left <= 0, "left in the pipe: " + endless.left);
    }

    @Test
    void a_child_in_the_background_that_holds_the_output_delays_the_answer_for_moments_only() throws Exception {
        var held = new PipedOutputStream();
        var output = new PipedInputStream(held);
        held.write("first".getBytes(StandardCharsets.UTF_8));
        held.flush();
        var process = new ScriptedProcess(output, text(""), Optional.of(ExitStatus.ofCode(0)));
        long before = System.nanoTime();
        assertEquals("first", run(process, Duration.ofSeconds(60)).getStdout().toStringUtf8());
        assertTrue(Duration.ofNanos(System.nanoTime() - before).toSeconds() < 30);
    }

    private static InputStream text(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private static final class ScriptedProcess implements AppProcess {
        private final InputStream stdout;
        private final InputStream stderr;
        private final Optional<ExitStatus> exit;
        private boolean isClosed;

        ScriptedProcess(InputStream stdout, InputStream stderr, Optional<ExitStatus> exit) {
            this.stdout = stdout;
            this.stderr = stderr;
            this.exit = exit;
        }

        @Override
        public OutputStream stdin() {
            throw new AssertionError("probes read nothing");
        }

        @Override
        public InputStream stdout() {
            return stdout;
        }

        @Override
        public InputStream stderr() {
            return stderr;
        }

        @Override
        public void resize(int columns, int rows) {
            throw new AssertionError("probes have no terminal");
        }

        @Override
        public void signal(int number) {
            throw new AssertionError("closing kills");
        }

        @Override
        public Optional<ExitStatus> waitFor(Duration limit) {
            return exit;
        }

        @Override
        public void close() {
            isClosed = true;
            try {
                stdout.close();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }
}
