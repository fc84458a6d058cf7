package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIf;

/** With apps as containers of runsc. */
@Tag("host")
@EnabledIf(value = "isThere", disabledReason = "there is no runsc (scripts/cluster-tools builds it)")
class RunscExecutorTest extends ExecutorContract {
    RunscExecutorTest() {
        super(Isolation.OCI_RUNSC);
    }

    /** What is seen to end is its kernel, which does as a shell does. */
    @Override
    void requireEndedBy(int signal, ExitStatus.Ending ending) {
        assertEquals(new ExitStatus.Ending.Code(128 + signal), ending);
    }

    static boolean isThere() {
        return Isolation.OCI_RUNSC.isThere();
    }
}
