package io.aestus.cli;

import io.aestus.AestusException;
import io.aestus.appc.PodUuid;
import io.aestus.linux.NoticeSocket;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;

/** Whoever started this command and waits to hear that it is ready: systemd, for a service of type {@code notify}. */
final class Starter {
    private static final String VARIABLE = "NOTIFY_SOCKET";
    private static final Duration FOR_EVER = Duration.ofDays(36500);

    private Starter() {}

    /** Has it told when a pod is ready, if there is one. */
    static void tellWhenReady(Session session, PodUuid pod) {
        String socket = session.environment().getOrDefault(VARIABLE, "");
        if (!socket.isEmpty()) {
            Thread.ofPlatform().daemon().name("aestus-ready").start(() -> tell(session, pod, socket));
        }
    }

    private static void tell(Session session, PodUuid pod, String socket) {
        try {
            if (session.executor().waitReady(pod, FOR_EVER)) {
                NoticeSocket.tell(socket, "READY=1\nSTATUS=pod " + pod + " is ready");
            }
        } catch (IOException | IllegalArgumentException e) {
            session.note("cannot tell " + VARIABLE + " that the pod is ready: " + e.getMessage());
        } catch (AestusException | RejectedExecutionException _) {
            // the pod is gone, or this command is about to end: nobody will be ready
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
