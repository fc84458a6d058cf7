/**
 * Images on disk: what was fetched, unpacked once, found by ID or name, stacked for an app, and collected when nobody needs
 * it. An OCI image is one among them whose files are layers, each unpacked once however many images share it: {@link
 * io.aestus.store.OciImages}.
 *
 * <p>Start at {@link io.aestus.store.ImageStore}. {@link io.aestus.store.StoreLayout} is the one class that knows where
 * anything lies, for this room and for the executor.
 *
 * <p>May use {@code aci}, {@code appc}, {@code json}, {@code linux} and {@code oci}. The file system is the database: any number of
 * processes share it, each commit is one rename of what was made durable before, and whoever opens a store sweeps up what a
 * killed process left. Invariants:
 *
 * <ul>
 *   <li>{@code images/ID} is whole, durable, and its ID was computed from its bytes, or it is not there
 *   <li>whatever lies in {@code staging/} belongs to the process that holds its lock, and to nobody once the lock is free
 *   <li>an image that a pod names, or whose lock somebody shares, is not removed
 * </ul>
 *
 * <p>All public types are thread-safe except {@link io.aestus.store.StagedImage}, which has one owner. Calls touch the disk
 * and may block: platform threads, or virtual ones that can wait.
 */
@NullMarked
package io.aestus.store;

import org.jspecify.annotations.NullMarked;
