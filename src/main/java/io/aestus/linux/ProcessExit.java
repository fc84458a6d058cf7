package io.aestus.linux;

/** How a process ended. */
public sealed interface ProcessExit {
    /** By itself, with this code, 0 to 255. */
    record Code(int code) implements ProcessExit {}

    /**
     * By a signal that it did not handle.
     *
     * @param core whether its memory was written to a file
     */
    record Signal(int signal, boolean core) implements ProcessExit {}

    /** As shells have it: the code, or 128 + the signal. */
    default int shellCode() {
        return switch (this) {
            case Code(int code) -> code;
            case Signal(int signal, boolean _) -> 128 + signal;
        };
    }

    /** As a status word that wait(2) could give. */
    default int status() {
        return switch (this) {
            case Code(int code) -> code << 8;
            case Signal(int signal, boolean core) -> core ? signal | 0x80 : signal;
        };
    }

    /** From a status word as wait(2) gives it. */
    static ProcessExit ofStatus(int status) {
        int signal = status & 0x7f;
        return signal == 0 ? new Code(status >> 8 & 0xff) : new Signal(signal, (status & 0x80) != 0);
    }
}
