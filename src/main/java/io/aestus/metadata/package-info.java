/**
 * The metadata service of the App Container specification: what an app may ask about its pod, and the identity by which pods
 * know each other. Start at {@link PodMetadata}; {@link Endpoints} is the table of what can be asked.
 *
 * <p>The executor listens, in each pod's own network, and lets in who connects; here is only what is said. It is HTTP/1.1 by a
 * few hundred lines of our own: the JDK's server cannot take over a socket, and starts threads where it opens one, which must not
 * happen in a pod's network; every other one costs each {@code aestus run} more to load than its pod to start.
 *
 * <p>Invariants: every request is hostile, so each size is bounded here and each time by the executor; nothing is told without
 * the pod's token; nothing is kept in memory that a restart would lose. May use executor, store, appc and json.
 */
@NullMarked
package io.aestus.metadata;

import org.jspecify.annotations.NullMarked;
