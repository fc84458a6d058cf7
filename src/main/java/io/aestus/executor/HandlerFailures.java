package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AcName;
import io.aestus.appc.EventHandler;
import java.time.Duration;

/** What is said of an event handler that failed. */
final class HandlerFailures {
    private HandlerFailures() {}

    /** It ended, and not with 0. */
    static AestusException ended(EventHandler.Event event, AcName app, int code) {
        return new AestusException(
                Problem.CONFLICT, "cannot run handler " + event + " of " + app + ": it ended with " + code);
    }

    /** It was killed because it went on. */
    static AestusException tookTooLong(EventHandler.Event event, AcName app, Duration limit) {
        return new AestusException(
                        Problem.CONFLICT,
                        "cannot run handler " + event + " of " + app + ": it was not done after " + limit.toSeconds()
                                + " s")
                .withRemedy("--event-handler-timeout");
    }
}
