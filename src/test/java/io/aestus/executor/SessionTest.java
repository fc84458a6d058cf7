package io.aestus.executor;

/** With nothing isolated. */
class SessionTest extends SessionContract {
    SessionTest() {
        super(Isolation.PLAIN);
    }
}
