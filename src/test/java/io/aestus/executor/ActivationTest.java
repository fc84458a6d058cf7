package io.aestus.executor;

/** With nothing isolated. */
class ActivationTest extends ActivationContract {
    ActivationTest() {
        super(Isolation.PLAIN, PodOptions.DEFAULT.withNetwork(PodOptions.NetworkMode.HOST));
    }
}
