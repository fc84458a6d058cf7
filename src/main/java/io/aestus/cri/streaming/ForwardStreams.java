package io.aestus.cri.streaming;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;

/**
 * One forwarded connection between its client and us, whatever carries it.
 *
 * @param port of the pod
 * @param error where it is told that nobody answers there
 * @param reset ends the connection at once, both ways
 * @param broken when the client has done that. Completed by the event loop: what hangs on it must not wait
 */
record ForwardStreams(
        int port,
        InputStream in,
        OutputStream out,
        OutputStream error,
        Runnable reset,
        CompletableFuture<Boolean> broken) {}
