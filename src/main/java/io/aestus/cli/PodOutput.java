package io.aestus.cli;

import io.aestus.appc.AcName;
import io.aestus.appc.PodUuid;
import io.aestus.executor.AppLog;
import io.aestus.executor.AppStatus;
import io.aestus.executor.Executor;
import io.aestus.executor.LogLine;
import io.aestus.executor.LogQuery;
import io.aestus.executor.PodEvent;
import io.aestus.executor.PodOptions;
import io.aestus.executor.PodStatus;
import io.aestus.executor.Subscription;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Prints what the apps of a pod write, line by line, those included that come while it runs: each app on a thread of its own,
 * with the app's name in front where there may be several.
 */
final class PodOutput implements AutoCloseable {
    private static final Duration TURN = Duration.ofMillis(200);

    private final Session session;
    private final PodUuid pod;
    private final boolean isNamed;
    private final Map<AcName, Printer> printers = new HashMap<>();
    private final Subscription coming;

    private PodOutput(Session session, PodStatus status) {
        this.session = session;
        this.pod = status.uuid();
        this.isNamed = status.apps().size() > 1 || status.options().life() == PodOptions.Life.UNTIL_STOPPED;
        this.coming = session.executor().events(this::on);
    }

    /** Begins to print. */
    static PodOutput of(Session session, PodUuid pod) {
        Executor executor = session.executor();
        var output = new PodOutput(session, executor.status(pod));
        executor.status(pod).apps().stream().map(AppStatus::name).forEach(app -> output.print(app, Instant.MIN));
        return output;
    }

    private void on(PodEvent event) {
        if (event instanceof PodEvent.AppStarted(var ofPod, var app, var at) && ofPod.equals(pod)) {
            print(app, at);
        }
    }

    private synchronized void print(AcName app, Instant since) {
        var printer = new Printer(session.executor().log(pod, app), prefix(app), since, printers.get(app));
        printers.put(app, printer);
        printer.thread.start();
    }

    private byte[] prefix(AcName app) {
        return (isNamed ? app + ": " : "").getBytes(StandardCharsets.UTF_8);
    }

    private synchronized List<Printer> all() {
        return List.copyOf(printers.values());
    }

    /** Waits until all is printed. Call it when the pod has ended. */
    @Override
    public void close() throws InterruptedException {
        coming.close();
        for (Printer printer : all()) {
            printer.thread.join();
        }
        session.out().flush();
    }

    /** Prints one log until its app ends; after an earlier start of the app was printed, which may have gone on into this one. */
    private final class Printer {
        private final AppLog log;
        private final byte[] prefix;
        private final @Nullable Printer before;
        private final Thread thread = Thread.ofPlatform().daemon().unstarted(this::run);
        private Instant since;

        Printer(AppLog log, byte[] prefix, Instant since, @Nullable Printer before) {
            this.log = log;
            this.prefix = prefix;
            this.since = since;
            this.before = before;
        }

        private void run() {
            try {
                if (before != null) {
                    before.thread.join();
                    since = since.isAfter(before.since) ? since : before.since;
                }
                follow();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void follow() throws InterruptedException {
            boolean isContinued = false;
            try (AppLog.Reader reader = log.read(LogQuery.all().since(since).following())) {
                while (!reader.atEnd()) {
                    Optional<LogLine> line = reader.next(TURN);
                    if (line.isPresent()) {
                        print(line.get(), isContinued ? new byte[0] : prefix);
                        isContinued = line.get().isPartial();
                        since = line.get().at().plusNanos(1);
                    }
                }
            }
        }
    }

    private void print(LogLine line, byte[] prefix) {
        PrintStream to =
                switch (line.stream()) {
                    case STDOUT -> session.out();
                    case STDERR -> session.err();
                };
        byte[] text = line.text();
        var whole = new byte[prefix.length + text.length + (line.isPartial() ? 0 : 1)];
        System.arraycopy(prefix, 0, whole, 0, prefix.length);
        System.arraycopy(text, 0, whole, prefix.length, text.length);
        if (!line.isPartial()) {
            whole[whole.length - 1] = '\n';
        }
        to.write(whole, 0, whole.length); // one write a line: lines of several apps do not mix
        to.flush();
    }
}
