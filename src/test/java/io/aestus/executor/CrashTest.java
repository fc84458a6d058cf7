package io.aestus.executor;

/** Without isolation. */
class CrashTest extends CrashContract {
    CrashTest() {
        super(Isolation.PLAIN);
    }
}
