package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Entries as we and others write them. */
class LogFormatTest {
    private static Optional<Instant> time(String stamp) {
        byte[] line = ("before" + stamp + " stdout F text after").getBytes(StandardCharsets.UTF_8);
        return LogFormat.parse(line, "before".length(), line.length).map(LogLine::at);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2016-10-06T00:17:09.669794202Z",
                "2024-02-29T23:59:59.000000000Z",
                "0000-01-01T00:00:00.000000001Z",
                "9999-12-31T23:59:59.999999999Z",
                "2016-10-06T00:17:09Z",
                "2016-10-06T00:17:09.5Z",
                "2016-10-06t00:17:09.669794202Z",
                "2016-10-06T00:17:09.669794202z",
                "2016-10-06T00:17:09.6697+02:00",
                "2016-10-06T02:17:09.669794202+02:00",
            })
    void times_are_those_of_iso_8601(String stamp) {
        assertEquals(Optional.of(Instant.parse(stamp)), time(stamp));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2016-10-06T00:17:09.66979420xZ",
                "2016-10-06T00:17:09,669794202Z",
                "2016-13-06T00:17:09.669794202Z",
                "2015-02-29T00:17:09.669794202Z",
                "2016-10-06T24:17:09.669794202Z",
                "2016/10/06T00:17:09.669794202Z",
                "2016-10-06T00:17:0é.66979420Z",
                "today",
                "",
            })
    void what_has_no_time_is_no_entry(String stamp) {
        assertEquals(Optional.empty(), time(stamp));
    }

    @ParameterizedTest
    @ValueSource(strings = {"2016-10-06T00:17:09.669794202Z", "1969-12-31T23:59:59.999999999Z"})
    void what_is_written_is_read(String stamp) {
        byte[] written = LogFormat.stamp(Instant.parse(stamp));
        assertEquals(stamp, new String(written, StandardCharsets.US_ASCII));
        assertEquals(Optional.of(Instant.parse(stamp)), time(stamp));
    }
}
