package io.aestus.executor;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIf;

/** With apps as containers of runsc. */
@Tag("host")
@EnabledIf(value = "isThere", disabledReason = "there is no runsc (scripts/cluster-tools builds it)")
class RunscSessionTest extends SessionContract {
    RunscSessionTest() {
        super(Isolation.OCI_RUNSC);
    }

    /** Its kernel knows processes by their parents and groups alone. */
    @Override
    int escaping() {
        return 1;
    }

    static boolean isThere() {
        return Isolation.OCI_RUNSC.isThere();
    }
}
