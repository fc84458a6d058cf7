package io.aestus.executor;

import org.junit.jupiter.api.Tag;

/** With the built-in isolation. */
@Tag("host")
class NativeSessionTest extends SessionContract {
    NativeSessionTest() {
        super(Isolation.NATIVE);
    }
}
