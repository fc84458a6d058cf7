package io.aestus.executor;

import org.junit.jupiter.api.Tag;

/** With no isolation but roots and limits. */
@Tag("host")
class FlyNoticesTest extends NoticesContract {
    FlyNoticesTest() {
        super(Isolation.FLY);
    }
}
