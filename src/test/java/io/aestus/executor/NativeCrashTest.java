package io.aestus.executor;

import org.junit.jupiter.api.Tag;

/** With the built-in isolation. */
@Tag("host")
class NativeCrashTest extends CrashContract {
    NativeCrashTest() {
        super(Isolation.NATIVE);
    }
}
