package io.aestus.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.grpc.Status;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusesTest {
    @ParameterizedTest
    @CsvSource({
        "INVALID, INVALID_ARGUMENT",
        "NOT_FOUND, NOT_FOUND",
        "CONFLICT, FAILED_PRECONDITION",
        "UNTRUSTED, PERMISSION_DENIED",
        "DENIED, PERMISSION_DENIED",
        "UNSUPPORTED, UNIMPLEMENTED",
        "EXHAUSTED, RESOURCE_EXHAUSTED",
        "UNAVAILABLE, UNAVAILABLE",
        "CORRUPT, DATA_LOSS"
    })
    void a_problem_has_its_code(Problem problem, Status.Code code) {
        Status status = Statuses.of(new AestusException(problem, "cannot do it").withRemedy("try again"))
                .getStatus();
        assertEquals(code, status.getCode());
        assertEquals("cannot do it [try again]", status.getDescription());
    }

    @Test
    void what_took_too_long_exceeded_its_deadline() {
        assertEquals(
                Status.Code.DEADLINE_EXCEEDED,
                Statuses.of(new TimeoutException("late")).getStatus().getCode());
    }

    @Test
    void our_own_mistakes_are_called_so() {
        Status status = Statuses.of(new IllegalStateException("no idea")).getStatus();
        assertEquals(Status.Code.INTERNAL, status.getCode());
        assertEquals("internal error: java.lang.IllegalStateException: no idea", status.getDescription());
    }
}
