package io.aestus.executor;

import static io.aestus.executor.Node.app;
import static io.aestus.executor.Node.sandbox;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aestus.AestusException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** With nothing isolated, and every promise to a stage1 checked. */
class ExecutorTest extends ExecutorContract {
    ExecutorTest() {
        super(Isolation.PLAIN);
    }

    private PlainStage1 stage1() {
        return (PlainStage1) node().stage1;
    }

    @AfterEach
    void promises_to_stage1_are_kept() {
        assertEquals(List.of(), List.copyOf(stage1().complaints));
    }

    @Test
    void a_stop_signal_that_is_none_is_refused() {
        var options = AppOptions.DEFAULT.withStopSignal("SIGNONSENSE");
        var refused = assertThrows(
                AestusException.class, () -> run(Node.with(sandbox(app("web", "exit 0")), "web", options)));
        assertEquals("cannot add app web: there is no signal 'SIGNONSENSE'", refused.message());
    }

    @Test
    void want_of_memory_is_the_reason_when_the_cgroup_counted_a_kill() throws InterruptedException {
        stage1().isOutOfMemory = true;
        var pod = run(sandbox(app("web", "exit 1")));
        assertEquals(ExitStatus.Reason.OOM_KILLED, node().end(pod, "web").reason());
    }
}
