package io.aestus.executor;

import org.junit.jupiter.api.Tag;

/** With no isolation but roots and limits. */
@Tag("host")
class FlyHandlersTest extends HandlersContract {
    FlyHandlersTest() {
        super(Isolation.FLY);
    }
}
