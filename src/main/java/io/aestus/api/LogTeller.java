package io.aestus.api;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.api.v1alpha.GetLogsRequest;
import io.aestus.api.v1alpha.GetLogsResponse;
import io.aestus.appc.AcName;
import io.aestus.appc.PodUuid;
import io.aestus.executor.AppStatus;
import io.aestus.executor.Executor;
import io.aestus.executor.LogQuery;
import io.aestus.executor.PodStatus;
import io.aestus.rpc.Outflows.Outflow;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Tells one listener what the apps of a pod wrote, in the order of time as far as it is there, and what they write. */
final class LogTeller {
    private static final Duration TURN = Duration.ofMillis(50);
    private static final int MOST_LINES = 256;
    private static final int MOST_CHARACTERS = 256 * 1024;

    private final Executor executor;
    private final GetLogsRequest request;
    private final InstantSource clock;
    private final List<String> waiting = new ArrayList<>();
    private int characters;

    LogTeller(Executor executor, GetLogsRequest request, InstantSource clock) {
        this.executor = executor;
        this.request = request;
        this.clock = clock;
    }

    void tell(Outflow<GetLogsResponse> out) throws InterruptedException {
        if (request.getLines() < 0) {
            throw new AestusException(
                    Problem.INVALID, "cannot tell " + request.getLines() + " lines: the number must not be negative");
        }
        var sources = new ArrayList<AppLines>();
        try {
            open(sources);
            while (sources.stream().anyMatch(source -> !source.isAtEnd())) {
                takeTurn(sources, out);
            }
            flush(out);
        } finally {
            sources.forEach(AppLines::close);
        }
    }

    private void open(List<AppLines> sources) {
        PodUuid uuid = executor.find(request.getPodId());
        PodStatus pod = executor.status(uuid);
        if (request.getAppName().isEmpty()) {
            for (AppStatus app : pod.apps()) {
                sources.add(open(uuid, app.name(), app.name() + ": "));
            }
        } else {
            sources.add(open(
                    uuid, pod.requireApp(AcName.parse(request.getAppName())).name(), ""));
        }
    }

    private AppLines open(PodUuid pod, AcName app, String prefix) {
        LogQuery query = LogQuery.all();
        if (request.getLines() > 0) {
            query = query.last(request.getLines());
        }
        if (request.getSinceTime() > 0) {
            query = query.since(Instant.ofEpochSecond(request.getSinceTime()));
        }
        return new AppLines(executor.log(pod, app).read(request.getFollow() ? query.following() : query), prefix);
    }

    /** Says the earliest line that is there, or waits a moment for one. */
    private void takeTurn(List<AppLines> sources, Outflow<GetLogsResponse> out) throws InterruptedException {
        Optional<Head> earliest = earliest(sources, Duration.ZERO);
        if (earliest.isEmpty()) {
            flush(out);
            earliest = earliest(sources, TURN);
        }
        if (earliest.isPresent()) {
            Head head = earliest.get();
            head.source().take();
            if (isPast(head.line().at())) {
                head.source().end();
            } else {
                add(head.line().text(), out);
            }
        } else if (isPast(clock.instant())) {
            sources.forEach(AppLines::end);
        }
    }

    /** The next line of an app. */
    private record Head(AppLines source, AppLines.Line line) {}

    private static Optional<Head> earliest(List<AppLines> sources, Duration limit) throws InterruptedException {
        var heads = new ArrayList<Head>();
        for (AppLines source : sources) {
            source.look(limit).ifPresent(line -> heads.add(new Head(source, line)));
        }
        return heads.stream().min(Comparator.comparing(head -> head.line().at()));
    }

    private boolean isPast(Instant at) {
        return request.getUntilTime() > 0 && at.getEpochSecond() > request.getUntilTime();
    }

    private void add(String line, Outflow<GetLogsResponse> out) throws InterruptedException {
        waiting.add(line);
        characters += line.length();
        if (waiting.size() == MOST_LINES || characters > MOST_CHARACTERS) {
            flush(out);
        }
    }

    private void flush(Outflow<GetLogsResponse> out) throws InterruptedException {
        if (!waiting.isEmpty()) {
            out.say(GetLogsResponse.newBuilder().addAllLines(waiting).build());
            waiting.clear();
            characters = 0;
        }
    }
}
