package io.aestus.executor;

import org.junit.jupiter.api.Tag;

/** With the built-in isolation. */
@Tag("host")
class NativeExecutorTest extends ExecutorContract {
    NativeExecutorTest() {
        super(Isolation.NATIVE);
    }
}
