package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackoffTest {
    @ParameterizedTest
    @CsvSource({"0, 0", "1, 10", "2, 20", "3, 40", "5, 160", "6, 300", "7, 300", "64, 300", "2147483647, 300"})
    void it_doubles_up_to_its_limit(int failures, long seconds) {
        assertEquals(Duration.ofSeconds(seconds), Backoff.RESTARTS.after(failures));
    }

    @Test
    void a_limit_far_away_does_not_overflow() {
        var backoff = new Backoff(Duration.ofDays(100), Duration.ofDays(36_500));
        assertEquals(Duration.ofDays(36_500), backoff.after(30));
    }
}
