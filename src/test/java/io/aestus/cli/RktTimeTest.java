package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RktTimeTest {
    @ParameterizedTest
    @CsvSource({
        "2016-10-06T00:17:09.669794202Z, UTC, 2016-10-06 00:17:09.669 +0000 UTC",
        "2016-10-06T00:17:09.5Z, UTC, 2016-10-06 00:17:09.5 +0000 UTC",
        "2016-10-06T00:17:09.0004Z, UTC, 2016-10-06 00:17:09 +0000 UTC",
        "2016-10-06T00:17:09.010Z, Europe/Berlin, 2016-10-06 02:17:09.01 +0200 CEST",
        "2016-12-06T20:17:09Z, America/New_York, 2016-12-06 15:17:09 -0500 EST",
    })
    void a_moment_is_written_as_rkt_does(Instant at, ZoneId zone, String text) {
        assertEquals(text, RktTime.of(at, zone));
    }
}
