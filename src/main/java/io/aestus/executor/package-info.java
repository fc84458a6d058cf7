/**
 * Pods and apps: prepare, start, exec, stop, remove; their logs, events, exits; recovery after a restart. Start at {@link
 * io.aestus.executor.Executor}; {@link io.aestus.executor.Stage1} is the seam between the life of a pod and the way its
 * processes are isolated.
 *
 * <p>May use linux, network, store, appc and json. Takes only resolved things: it never touches the network to find an image,
 * and never sees an unverified byte.
 *
 * <p>Invariants: the disk is the truth. What a pod is can be told from its directory, the first process's start time and the
 * boot ID, by whoever looks; memory only saves the looking. Every write is one rename. Whoever holds the lock of {@code
 * pods/UUID/owner} alone changes what is below. An unknown exit is never a zero.
 *
 * <p>Threads: one platform thread watches all exits, one writes all logs; whatever may block in the kernel runs on platform
 * threads, and callers may be virtual ones. Listeners are called on a virtual thread each.
 */
@NullMarked
package io.aestus.executor;

import org.jspecify.annotations.NullMarked;
