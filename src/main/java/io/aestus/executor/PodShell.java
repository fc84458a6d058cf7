package io.aestus.executor;

import io.aestus.appc.PodUuid;
import io.aestus.linux.Cgroup;
import io.aestus.linux.ChildProcess;
import io.aestus.linux.Fd;
import io.aestus.linux.KeeperSocket;
import io.aestus.linux.Namespace;
import io.aestus.linux.Namespaces;
import io.aestus.network.Attachment;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a pod is before anything was said of it: users, a cgroup, a first process with the pod's namespaces, a keeper socket.
 * Closing it undoes all that, unless it was handed over to a pod. Confined to one thread at a time.
 *
 * @param keeper both ends of the socket, which the first process has as well
 * @param listener which descriptor of the first process listens in its network
 * @param unenforced limits of the pod that its cgroup cannot have
 * @param undo takes it all back
 */
record PodShell(
        PodUuid uuid,
        UserRange users,
        ChildProcess first,
        KeeperSocket keeper,
        OptionalInt listener,
        List<Cgroup.Unenforced> unenforced,
        PodTemplate template,
        Cleanup undo)
        implements AutoCloseable {

    /** Calls it what its pod's options say. It is called after its UUID, when it was made ahead of them. */
    void setHostname(PodOptions options) throws IOException {
        if (options.hostname().isPresent()) {
            try (Fd names = Namespaces.of(first.pid(), Namespace.UTS)) {
                Namespaces.setHostname(names, options.hostname().get());
            }
        }
    }

    /** Writes down for its apps what options and networks say, unless that was done when it was made. */
    void configure(PodOptions options, List<Attachment> networks) throws IOException {
        if (template.isConfiguredLater()) {
            template.configure(uuid, options, users, networks);
        }
    }

    /** Who listens in its network, if it was made with that. */
    Optional<Fd> takeListener() throws IOException {
        return listener.isPresent() ? Optional.of(first.pidfd().takeDescriptor(listener.getAsInt())) : Optional.empty();
    }

    /** From here on it is a pod's: the first process and the keeper are given away. */
    void handOver() {
        undo.handOver();
    }

    @Override
    public void close() throws IOException {
        try (template) {
            undo.close();
        }
    }
}
