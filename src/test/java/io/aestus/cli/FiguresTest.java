package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FiguresTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "1023, 1023 B",
        "1024, 1.0 KiB",
        "1587, 1.5 KiB",
        "1587000, 1.5 MiB",
        "12897485, 12.3 MiB",
        "9223372036854775807, 8.0 EiB"
    })
    void sizes_have_one_digit_behind_the_point(long number, String shown) {
        assertEquals(shown, Figures.bytes(number));
    }

    @ParameterizedTest
    @CsvSource({
        "-1, 0s",
        "59, 59s",
        "60, 1m00s",
        "125, 2m05s",
        "3599, 59m59s",
        "3600, 1h00m",
        "4800, 1h20m",
        "90061, 25h01m"
    })
    void durations_have_two_units_at_most(long seconds, String shown) {
        assertEquals(shown, Figures.duration(Duration.ofSeconds(seconds)));
    }
}
