/**
 * How this node serves gRPC to its own host: what the Container Runtime Interface and the native API have in common. Start at {@link
 * io.aestus.rpc.RpcServer}. {@link io.aestus.rpc.Methods} is how a service says who answers which call, and {@link io.aestus.rpc.Statuses}
 * alone turns problems into codes. Each call has a virtual thread of its own. Uses no other room.
 */
@NullMarked
package io.aestus.rpc;

import org.jspecify.annotations.NullMarked;
