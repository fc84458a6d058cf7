package io.aestus.executor;

import org.junit.jupiter.api.Tag;

/** With the built-in isolation. */
@Tag("host")
class NativeHandlersTest extends HandlersContract {
    NativeHandlersTest() {
        super(Isolation.NATIVE);
    }
}
