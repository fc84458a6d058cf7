/**
 * A client of a node's agent, for programs in Java: asks over the Container Runtime Interface, on the agent's unix socket.
 *
 * <p>Start at {@link io.aestus.client.AestusClient}. {@link io.aestus.client.Translation} alone turns the interface's messages into what
 * this room answers with, and {@link io.aestus.client.Refusals} its status codes back into {@link io.aestus.AestusException}.
 * {@link io.aestus.client.CriProgram} is the same for a shell: {@code aestus cri} prints every answer as JSON.
 *
 * <p>May use the messages of {@code io.aestus.cri.v1}, and nothing of what answers them: a client works with every version of the agent,
 * and with other runtimes. A client may be used by any number of threads; every call ends by itself, by its own deadline.
 */
@NullMarked
package io.aestus.client;

import org.jspecify.annotations.NullMarked;
