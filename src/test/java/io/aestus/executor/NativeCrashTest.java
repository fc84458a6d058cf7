package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.appc.PodUuid;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** With the built-in isolation. */
@Tag("host")
class NativeCrashTest extends CrashContract {
    NativeCrashTest() {
        super(Isolation.NATIVE);
    }

    @Test
    void a_handler_that_was_cut_short_with_its_owner_is_run_again_by_the_next() throws Exception {
        PodUuid pod;
        try (var owner = OwnerProcess.start(directory, Isolation.NATIVE, OwnerProcess.Task.HANDLE)) {
            pod = PodUuid.parse(owner.hear());
            Path log = new PodFiles(directory).app(pod, Node.name("web")).resolve("log");
            long deadline = System.nanoTime() + Node.SOON.toNanos();
            while (!Files.exists(log) || !Files.readString(log).contains("begun")) {
                assertTrue(System.nanoTime() < deadline, "the handler never begins");
                LockSupport.parkNanos(2_000_000);
            }
            owner.kill();
        }
        try (var node = Node.on(directory, Isolation.NATIVE)) {
            assertEquals(ExitStatus.ofCode(5), node.end(pod, "web"));
            node.executor.stop(pod, StopOptions.NOW);
            assertEquals(List.of("stdout F begun", "stdout F begun", "stdout F done"), node.log(pod, "web"));
        }
    }
}
