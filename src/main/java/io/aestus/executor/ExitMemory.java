package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.linux.KernelVersion;

/** Who remembers how apps ended while nobody looked after them. */
public enum ExitMemory {
    /** The kernel, for whoever has a handle of the process (Linux 6.15). */
    KERNEL,
    /** A small process of the data directory's, that holds a socket in which the kernel tells of exits. */
    KEEPER;

    /** The kernel, if it does. */
    public static ExitMemory ofHost() {
        return KernelVersion.parse(System.getProperty("os.version")).isAtLeast(6, 15) ? KERNEL : KEEPER;
    }

    /**
     * What a setting says.
     *
     * @throws AestusException {@link Problem#INVALID} unless it is {@code auto}, {@code kernel} or {@code keeper}
     */
    public static ExitMemory parse(String text) {
        return switch (text) {
            case "auto" -> ofHost();
            case "kernel" -> KERNEL;
            case "keeper" -> KEEPER;
            default ->
                throw new AestusException(
                        Problem.INVALID,
                        "cannot read setting aestus.exits: " + Quoted.of(text) + " is not auto, kernel or keeper");
        };
    }
}
