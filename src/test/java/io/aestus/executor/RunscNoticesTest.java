package io.aestus.executor;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIf;

/** With apps as containers of runsc. */
@Tag("host")
@EnabledIf(value = "isThere", disabledReason = "there is no runsc (scripts/cluster-tools builds it)")
class RunscNoticesTest extends NoticesContract {
    RunscNoticesTest() {
        super(Isolation.OCI_RUNSC);
    }

    static boolean isThere() {
        return Isolation.OCI_RUNSC.isThere();
    }
}
