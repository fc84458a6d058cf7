package io.aestus.executor;

import org.junit.jupiter.api.Tag;

/** With no isolation but roots and limits. */
@Tag("host")
class FlySessionTest extends SessionContract {
    FlySessionTest() {
        super(Isolation.FLY);
    }
}
