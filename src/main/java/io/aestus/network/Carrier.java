package io.aestus.network;

import io.aestus.linux.PidFd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A program that carries the traffic of a pod's network as that of the user who runs it. */
interface Carrier {
    /** What the pod has, whichever program it is. */
    String INTERFACE = "eth0";

    String ADDRESS = "10.0.2.100";
    String NAME_SERVER = "10.0.2.3";

    List<Path> DIRECTORIES =
            List.of(Path.of("/usr/bin"), Path.of("/bin"), Path.of("/usr/local/bin"), Path.of("/usr/sbin"));

    /** What the program is called, by which a pod can ask for it. */
    String name();

    /** The program, if it is installed. */
    default Optional<Path> program() {
        return DIRECTORIES.stream()
                .map(directory -> directory.resolve(name()))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Starts it, and returns when the pod's interface is up and the ports lead there.
     *
     * @param namespace where the pod's network namespace is pinned
     * @param pod the first process of the pod
     * @param limit how long that may take
     * @return the number of its process
     * @throws io.aestus.AestusException saying what it refused
     */
    long start(Path program, Path namespace, PidFd pod, List<PortMapping> ports, Duration limit) throws IOException;
}
