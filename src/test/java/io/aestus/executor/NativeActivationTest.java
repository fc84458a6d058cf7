package io.aestus.executor;

import org.junit.jupiter.api.Tag;

/** With the built-in isolation, in networks of the pods. */
@Tag("host")
class NativeActivationTest extends ActivationContract {
    NativeActivationTest() {
        super(Isolation.NATIVE, PodOptions.DEFAULT);
    }
}
