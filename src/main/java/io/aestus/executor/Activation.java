package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AcName;
import io.aestus.appc.Port;
import java.io.IOException;
import java.util.List;

/** Apps that are started when somebody connects to one of their ports, see {@link Doors}. */
final class Activation {
    private Activation() {}

    /** The ports of an app at which it is to be waited for; none if it starts with its pod. */
    static List<Port> ports(OwnedPod pod, AppRecord app) throws IOException {
        return pod.stage1().define(pod.place(app)).app().ports().stream()
                .filter(Port::socketActivated)
                .toList();
    }

    /** The sockets that an app gets; none for most. */
    static List<HandedSocket> sockets(OwnedPod pod, OwnedPod.Anchor anchor, AppRecord app) throws IOException {
        var ports = ports(pod, app);
        if (ports.isEmpty()) {
            return List.of();
        }
        if (!pod.stage1().handsOverSockets()) {
            throw new AestusException(
                            Problem.UNSUPPORTED,
                            "cannot start app " + app.name() + " when somebody connects: "
                                    + pod.stage1().name() + " cannot hand it its sockets")
                    .withRemedy("--stage1=native");
        }
        return anchor.doors().sockets(app.name(), ports, pod.record().options().network());
    }

    /** Has an app started when somebody connects. It is not if it does not wait for that any more. */
    static void await(OwnedPod pod, AcName name, Runnable activate) throws IOException {
        AppRecord app = pod.requireApp(name);
        var anchor = pod.anchor();
        if (anchor.isPresent() && app.restarts().awaitsConnection()) {
            sockets(pod, anchor.get(), app);
            anchor.get().doors().await(name, activate);
        }
    }

    /** Whether an app that has ended, well and because it had nothing to do, is started again when somebody connects. */
    static boolean isReachedAgain(OwnedPod pod, AppRecord app, ExitStatus how) {
        return how.isSuccess()
                && !app.restarts().isHeld()
                && pod.anchor().filter(anchor -> anchor.doors().has(app.name())).isPresent();
    }
}
