package io.aestus.executor;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIf;

/** With apps as containers of crun. */
@Tag("host")
@EnabledIf(value = "isThere", disabledReason = "there is no crun")
class CrunHandlersTest extends HandlersContract {
    CrunHandlersTest() {
        super(Isolation.OCI_CRUN);
    }

    static boolean isThere() {
        return Isolation.OCI_CRUN.isThere();
    }
}
