package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.Isolator;
import io.aestus.linux.ChildProgram;
import java.util.List;
import java.util.regex.Pattern;

/** Kernel parameters of a pod: only such as belong to its namespaces, each written as a whole to the one file it names. */
final class Sysctls {
    private static final Pattern NAME = Pattern.compile("[a-z0-9_-]+([./][A-Za-z0-9_:-]+)+");
    private static final List<String> OF_IPC = List.of("kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue.");

    private Sysctls() {}

    /** Adds the steps that set them. */
    static void addTo(ChildProgram child, Isolator.Sysctl isolator, PodOptions options) {
        isolator.parameters().forEach((name, value) -> {
            String dotted = name.replace('/', '.');
            boolean isOfNetwork = dotted.startsWith("net.") && options.network() != PodOptions.NetworkMode.HOST;
            boolean isOfIpc =
                    options.ipc() == PodOptions.Sharing.POD && OF_IPC.stream().anyMatch(dotted::startsWith);
            if (!NAME.matcher(name).matches() || !(isOfNetwork || isOfIpc)) {
                throw new AestusException(
                        Problem.INVALID,
                        "cannot set kernel parameter " + Quoted.of(name) + ": it is not the pod's own");
            }
            String path = PodTemplate.RAW_PROC + "/sys/" + dotted.replace('.', '/');
            child.writeFile(path, value, "set kernel parameter " + dotted);
        });
    }
}
