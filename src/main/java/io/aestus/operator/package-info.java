/**
 * App pods as resources: what a user writes as an AppPod, here or in a cluster, is what runs on this node.
 *
 * <p>Start at {@link io.aestus.operator.Reconciler}: it compares one AppPod with the pods of the executor and takes the
 * next steps. Where AppPods come from is a {@link io.aestus.operator.PodSource}: the API server of a cluster or a
 * directory of manifests. What becomes of them is behind {@link io.aestus.operator.NodePods}: the executor and the image
 * fetcher of this node.
 *
 * <p>The room uses executor, fetch, store, appc and json, and the fabric8 client, but no application framework: the agent
 * wires it by constructors. Reconciling sees state, never events, so a lost or repeated notice does no harm. What belongs
 * to which AppPod is written on the pods themselves; a restarted agent recognises its pods and starts nothing twice.
 *
 * <p>Threads: one AppPod is reconciled by one thread at a time, on platform threads (the executor calls into the kernel).
 */
@NullMarked
package io.aestus.operator;

import org.jspecify.annotations.NullMarked;
