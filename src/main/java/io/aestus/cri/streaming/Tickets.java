package io.aestus.cri.streaming;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What was promised and not yet taken: each offer for one taker, for a minute. Thread-safe. */
final class Tickets {
    static final Duration VALID = Duration.ofMinutes(1);
    static final int MOST = 1000;
    private static final int TOKEN_BYTES = 24;

    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();
    /** The oldest first. */
    private final Map<String, Ticket> pending = new LinkedHashMap<>();

    private record Ticket(Offer offer, Instant until) {}

    Tickets(InstantSource clock) {
        this.clock = clock;
    }

    /** @throws AestusException {@link Problem#EXHAUSTED} when too many were never taken */
    synchronized String issue(Offer offer) {
        Instant now = clock.instant();
        pending.values().removeIf(ticket -> ticket.until().isBefore(now));
        if (pending.size() >= MOST) {
            throw new AestusException(
                    Problem.EXHAUSTED, "cannot stream: " + MOST + " streams were asked for and never opened");
        }
        byte[] token = new byte[TOKEN_BYTES];
        random.nextBytes(token);
        String text = Base64.getUrlEncoder().encodeToString(token);
        pending.put(text, new Ticket(offer, now.plus(VALID)));
        return text;
    }

    /** Empty if there is no such ticket, or it has been used, or it is too late. */
    synchronized Optional<Offer> take(String kind, String token) {
        return Optional.ofNullable(pending.remove(token))
                .filter(ticket -> !ticket.until().isBefore(clock.instant()))
                .map(Ticket::offer)
                .filter(offer -> offer.kind().equals(kind));
    }
}
