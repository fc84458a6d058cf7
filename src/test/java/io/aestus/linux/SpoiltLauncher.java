package io.aestus.linux;

import java.io.IOException;
import java.util.Optional;

/**
 * Launches of which one step fails: counts the system calls of all programs that are launched, one launch after the other, and
 * makes one of them a call that no kernel has.
 */
public final class SpoiltLauncher {
    private final ProcessLauncher launcher;
    private int target = -1;
    private int seen;
    private String label = "";

    public SpoiltLauncher() throws IOException {
        launcher = ProcessLauncher.open(this::change);
    }

    private void change(SyscallProgram program) {
        int n = target - seen;
        if (n >= 0 && n < program.size()) {
            label = program.spoil(n).label();
        }
        seen += program.size();
    }

    public ProcessLauncher launcher() {
        return launcher;
    }

    /** The {@code n}th call from now on is to fail; none if negative. */
    public void spoil(int n) {
        target = n;
        seen = 0;
        label = "";
    }

    /** What the failing call was for, once its program was launched. */
    public Optional<String> label() {
        return label.isEmpty() ? Optional.empty() : Optional.of(label);
    }
}
