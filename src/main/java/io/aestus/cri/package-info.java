/**
 * The Container Runtime Interface, version 1: what the kubelet and {@code crictl} ask of this node, over gRPC on a unix socket.
 *
 * <p>Start at {@link io.aestus.cri.CriServer}. {@link io.aestus.cri.RuntimeService} and {@link io.aestus.cri.ImageService} say who answers
 * which call, after {@link io.aestus.cri.Bounds} has looked at it; {@link io.aestus.cri.SandboxCalls} and {@link
 * io.aestus.cri.ContainerCalls} do them on the executor; {@link io.aestus.cri.Sandboxes}, {@link io.aestus.cri.Containers} and {@link
 * io.aestus.cri.Images} are the only ones that translate, and {@link io.aestus.rpc.Statuses} alone turns problems into codes. What streams
 * is in {@link io.aestus.cri.streaming}. The interface's words (sandbox, container) stay inside this room.
 *
 * <p>A sandbox is a pod that runs until it is stopped, a container an app that was added to it. Nothing is kept in memory: names, labels
 * and the rest of what the kubelet wants back lie with the pod, so that a restart forgets nothing. Pods of other fronts are invisible
 * here, since the kubelet ends whatever it does not know.
 *
 * <p>Every call runs on a virtual thread of its own. Calls that make something hold its name meanwhile, so that a retry waits for the
 * first attempt and gets what that made.
 */
@NullMarked
package io.aestus.cri;

import org.jspecify.annotations.NullMarked;
