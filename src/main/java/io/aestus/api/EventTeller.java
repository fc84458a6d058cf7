package io.aestus.api;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.api.v1alpha.Event;
import io.aestus.api.v1alpha.EventFilter;
import io.aestus.api.v1alpha.ListenEventsResponse;
import io.aestus.appc.PodUuid;
import io.aestus.executor.Executor;
import io.aestus.executor.PodEvent;
import io.aestus.executor.PodStatus;
import io.aestus.rpc.Outflows.Outflow;
import io.aestus.store.ImageStore;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Tells one listener what happens: first what happened since the time that he names, as far as it is still known, then what happens
 * meanwhile. It listens before it looks back, so nothing falls in between; what is found both ways is told once.
 */
final class EventTeller {
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);
    private static final int MOST_AT_ONCE = 256;

    private final Executor executor;
    private final ImageStore images;
    private final EventFilter filter;
    private final InstantSource clock;
    private final EventMessages messages;
    private final BlockingQueue<PodEvent> happened = new ArrayBlockingQueue<>(MOST_AT_ONCE);
    private final Set<Event> toldBefore = new HashSet<>();
    private volatile boolean isOver;

    EventTeller(Executor executor, ImageStore images, EventFilter filter, InstantSource clock) {
        this.executor = executor;
        this.images = images;
        this.filter = filter;
        this.clock = clock;
        this.messages = new EventMessages(this::find);
    }

    void tell(Outflow<ListenEventsResponse> out) throws IOException, InterruptedException {
        try (var _ = executor.events(this::note)) {
            var watch = new ImageWatch(images, clock);
            out.say(ListenEventsResponse.getDefaultInstance()); // who hears this misses nothing from here on
            say(out, past(watch));
            while (!isPast(filter.getUntilTime())) {
                say(out, next(watch));
            }
        } finally {
            isOver = true;
        }
    }

    /** Keeps an event until it is told; the executor says so if it must drop some meanwhile. */
    private void note(PodEvent event) {
        try {
            boolean isKept = false;
            while (!isKept && !isOver) {
                isKept = happened.offer(event, BETWEEN_LOOKS.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isPast(long seconds) {
        return seconds > 0 && clock.instant().getEpochSecond() > seconds;
    }

    private List<Event> past(ImageWatch watch) {
        var events = new ArrayList<Event>();
        if (filter.getSinceTime() > 0) {
            executor.list().forEach(pod -> events.addAll(messages.past(pod)));
            events.addAll(watch.past());
            events.sort(Comparator.comparingLong(Event::getTime));
            toldBefore.addAll(events);
        }
        return events;
    }

    private List<Event> next(ImageWatch watch) throws IOException, InterruptedException {
        var pods = new ArrayList<PodEvent>();
        Optional.ofNullable(happened.poll(BETWEEN_LOOKS.toMillis(), TimeUnit.MILLISECONDS))
                .ifPresent(pods::add);
        happened.drainTo(pods, MOST_AT_ONCE);
        var events = new ArrayList<Event>();
        pods.forEach(event -> messages.of(event).ifPresent(events::add));
        events.addAll(watch.changes());
        events.removeIf(toldBefore::remove);
        return events;
    }

    private void say(Outflow<ListenEventsResponse> out, List<Event> events) throws InterruptedException {
        List<Event> wanted =
                events.stream().filter(event -> Selection.admits(filter, event)).toList();
        if (!wanted.isEmpty()) {
            out.say(ListenEventsResponse.newBuilder().addAllEvents(wanted).build());
        }
    }

    private Optional<PodStatus> find(PodUuid pod) {
        try {
            return Optional.of(executor.status(pod));
        } catch (AestusException e) {
            if (e.problem() == Problem.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
