package io.aestus.cri;

import io.aestus.cri.v1.Signal;
import io.aestus.executor.AppOptions;
import java.util.Arrays;
import java.util.Optional;

/** Signals by the interface's names, which have words for the signs in those of the kernel: {@code SIGRTMINPLUS3}. */
final class StopSignals {
    private static final String USUAL = "SIGTERM";

    private StopSignals() {}

    /** By the kernel's name, which is one where there were two once. */
    static String name(Signal signal) {
        return switch (signal) {
            case SIGCLD -> "SIGCHLD";
            case SIGIOT -> "SIGABRT";
            case SIGPOLL -> "SIGIO";
            default -> signal.name().replace("PLUS", "+").replace("MINUS", "-");
        };
    }

    /** What asks an app to end. */
    static Signal of(AppOptions options) {
        Optional<Integer> number =
                io.aestus.linux.Signal.parse(options.stopSignal().orElse(USUAL));
        return Arrays.stream(Signal.values())
                .filter(signal -> signal != Signal.UNRECOGNIZED && signal != Signal.RUNTIME_DEFAULT)
                .filter(signal -> io.aestus.linux.Signal.parse(name(signal)).equals(number))
                .findFirst()
                .orElse(Signal.RUNTIME_DEFAULT);
    }
}
