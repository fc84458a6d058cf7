package io.aestus.executor;

/** A listener's place in the round. Closing it ends the events; one that is being delivered is waited for by nobody. */
public interface Subscription extends AutoCloseable {
    @Override
    void close();
}
