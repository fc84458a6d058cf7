package io.aestus.executor;

import org.junit.jupiter.api.Tag;

/** With the built-in isolation. */
@Tag("host")
class NativeNoticesTest extends NoticesContract {
    NativeNoticesTest() {
        super(Isolation.NATIVE);
    }
}
