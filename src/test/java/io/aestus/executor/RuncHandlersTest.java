package io.aestus.executor;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIf;

/** With apps as containers of runc. */
@Tag("host")
@EnabledIf(value = "isThere", disabledReason = "there is no runc")
class RuncHandlersTest extends HandlersContract {
    RuncHandlersTest() {
        super(Isolation.OCI_RUNC);
    }

    static boolean isThere() {
        return Isolation.OCI_RUNC.isThere();
    }
}
