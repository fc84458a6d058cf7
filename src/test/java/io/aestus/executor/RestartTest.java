package io.aestus.executor;

/** With nothing isolated. */
class RestartTest extends RestartContract {
    RestartTest() {
        super(Isolation.PLAIN);
    }
}
