/**
 * The native API: rkt's {@code v1alpha} PublicAPI, wire compatible, over gRPC on a unix socket. Start at {@link io.aestus.api.ApiServer};
 * {@link io.aestus.api.PublicApi} says who answers which call.
 *
 * <p>{@link io.aestus.api.PodMessages} and {@link io.aestus.api.ImageMessages} are the only ones that translate; {@link
 * io.aestus.api.Selection} knows what the filters mean; {@link io.aestus.api.EventTeller} and {@link io.aestus.api.LogTeller} are the streams,
 * which rkt never finished.
 *
 * <p>Every call only reads, and nothing is kept in memory between calls: what happened before a stream began is told from what the disk
 * still knows.
 */
@NullMarked
package io.aestus.api;

import org.jspecify.annotations.NullMarked;
