package io.aestus.executor;

/** With nothing isolated. */
class NoticesTest extends NoticesContract {
    NoticesTest() {
        super(Isolation.PLAIN);
    }
}
