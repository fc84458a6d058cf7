/**
 * From a name, URL or path to an image in the store: transports, discovery, trust and the one pass from bytes to files.
 * Start at {@link io.aestus.fetch.Resolver} for a pod, at {@link io.aestus.fetch.ImageFetcher} for one image; where bytes
 * stop being unverified is drawn in {@link io.aestus.fetch.Pipeline}.
 *
 * <p>Invariants. Nothing becomes visible in the store before its signature holds for its name, its ID, name and labels are
 * those asked for, and all of it arrived. Nothing is downloaded that no trusted key can have signed. Whatever a server sends is
 * bounded in size, time and number. Credentials go to the host they are for, over https. One process at a time downloads
 * one URL.
 *
 * <p>Threads. Network waits happen on the caller's thread, which may be virtual; each archive has two platform threads for
 * as long as it arrives. Interrupting the caller breaks off what it waits for and leaves at most a partial download, which
 * the next attempt continues.
 *
 * <p>May use {@code aci}, {@code appc}, {@code discovery}, {@code json}, {@code linux}, {@code store} and {@code trust}.
 */
@NullMarked
package io.aestus.fetch;

import org.jspecify.annotations.NullMarked;
