package io.aestus.executor;

import org.junit.jupiter.api.Tag;

/** With no isolation but roots and limits. */
@Tag("host")
class FlyActivationTest extends ActivationContract {
    FlyActivationTest() {
        super(Isolation.FLY, PodOptions.DEFAULT.withNetwork(PodOptions.NetworkMode.HOST));
    }
}
