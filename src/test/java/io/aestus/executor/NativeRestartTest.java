package io.aestus.executor;

import org.junit.jupiter.api.Tag;

/** With the built-in isolation. */
@Tag("host")
class NativeRestartTest extends RestartContract {
    NativeRestartTest() {
        super(Isolation.NATIVE);
    }
}
