package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.executor.Stage1.AppPlace;
import io.aestus.linux.Fd;
import io.aestus.linux.Interfaces;
import io.aestus.linux.Namespace;
import io.aestus.linux.Namespaces;
import io.aestus.linux.SyscallException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.List;

/**
 * Interfaces of the host in the network of a pod, from the start of an app to its end. Each is noted before it is moved: what
 * another app has is not given back. When the pod's network goes first the kernel gives back what is no virtual one, as it is called
 * by then.
 */
record InterfaceMoves(AppPlace place, HookBundle bundle) {
    private static final System.Logger LOG = System.getLogger("io.aestus.executor");

    private List<MovedInterface> all() {
        return place.options().edits().interfaces();
    }

    private static String note(MovedInterface moved) {
        return "interface-" + moved.inPod();
    }

    private long firstProcess() {
        return PodContext.read(place.pod().record()).firstProcess();
    }

    /** What has been moved when this fails {@link #giveBack} gives back. */
    void take() throws IOException {
        for (MovedInterface moved : all()) {
            requireOwnNetwork(moved);
            try (Fd host = Interfaces.own();
                    Fd pod = Namespaces.of(firstProcess(), Namespace.NETWORK)) {
                if (!Interfaces.has(host, moved.onHost())) {
                    throw failure(moved, "the host has none of that name");
                }
                if (Interfaces.has(pod, moved.inPod())) {
                    throw failure(moved, "its pod has an interface " + moved.inPod() + " already");
                }
                bundle.note(note(moved));
                if (!Interfaces.move(host, moved.onHost(), pod, moved.inPod())) {
                    throw failure(moved, "it has just gone");
                }
            } catch (SyscallException e) {
                throw failure(moved, String.valueOf(e.getMessage()));
            }
        }
    }

    private void requireOwnNetwork(MovedInterface moved) {
        if (place.pod().options().network() == PodOptions.NetworkMode.HOST) {
            throw failure(moved, "its pod is in the host's network");
        }
    }

    private AestusException failure(MovedInterface moved, String why) {
        return new AestusException(
                Problem.CONFLICT,
                "cannot give app " + place.name() + " interface " + moved.onHost() + " of the host: " + why);
    }

    /** What is gone already is given back. */
    void giveBack() {
        for (MovedInterface moved : all()) {
            if (!bundle.isNoted(note(moved)) || Namespaces.isOurs(firstProcess(), Namespace.NETWORK)) {
                continue;
            }
            try (Fd host = Interfaces.own();
                    Fd pod = Namespaces.of(firstProcess(), Namespace.NETWORK)) {
                if (!Interfaces.move(pod, moved.inPod(), host, moved.onHost())) {
                    LOG.log(Level.WARNING, "app {0} has no interface {1} to give back", place.name(), moved.inPod());
                }
            } catch (IOException e) {
                LOG.log(
                        Level.WARNING,
                        "cannot take back interface {0} from app {1}: {2}",
                        moved.onHost(),
                        place.name(),
                        e.getMessage());
            }
        }
    }
}
