package io.aestus.executor;

import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How an app stands to its {@link RestartPolicy}.
 *
 * @param inARow how often it was started again by its policy since somebody asked for its start, or since it ran for long
 * @param isHeld whether somebody asked it to end: then it stays so until somebody asks for its start
 * @param due when it is started again; empty unless it has ended and waits for that
 * @param awaitsConnection whether it is started when somebody connects to one of its ports
 */
record AppRestarts(int inARow, boolean isHeld, Optional<Instant> due, boolean awaitsConnection) {
    static final AppRestarts NONE = new AppRestarts(0, false, Optional.empty(), false);

    AppRestarts oneMore() {
        return new AppRestarts(inARow + 1, false, Optional.empty(), false);
    }

    AppRestarts held() {
        return new AppRestarts(inARow, true, Optional.empty(), false);
    }

    AppRestarts awaiting() {
        return new AppRestarts(inARow, false, Optional.empty(), true);
    }

    /** Whether it is started again without anybody asking for it. */
    boolean isWaiting() {
        return due.isPresent() || awaitsConnection;
    }

    /** After an end. An app that ran twice as long as the longest wait has recovered, and its waits begin anew. */
    AppRestarts after(AppState.Exited end, RestartPolicy policy, Backoff waits) {
        var ran = Duration.between(end.since(), end.at());
        int row = ran.compareTo(waits.limit().multipliedBy(2)) >= 0 ? 0 : inARow;
        Optional<Instant> next = !isHeld && policy.appliesTo(end.status())
                ? Optional.of(end.at().plus(waits.after(row)))
                : Optional.empty();
        return new AppRestarts(row, isHeld, next, false);
    }

    JsonObject toJson() {
        return JsonObject.builder()
                .put("inARow", inARow)
                .putIfTrue("isHeld", isHeld)
                .put("due", due)
                .putIfTrue("awaitsConnection", awaitsConnection)
                .build();
    }

    static AppRestarts read(JsonView view) {
        return new AppRestarts(
                view.required("inARow").wholeInt(0, Integer.MAX_VALUE),
                view.isTrue("isHeld"),
                view.optional("due").map(JsonView::instant),
                view.isTrue("awaitsConnection"));
    }
}
