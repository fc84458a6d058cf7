package io.aestus.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * How a terminal treats what is typed and printed: {@code struct termios} as the kernel has it, which is not the C
 * library's. Immutable.
 */
public final class TerminalMode {
    private static final int TCGETS = 0x5401;
    private static final int TCSETSW = 0x5403; // once everything is printed
    private static final int BYTES = 36;
    private static final int INPUT = 0;
    private static final int OUTPUT = 4;
    private static final int CONTROL = 8;
    private static final int LOCAL = 12;
    private static final int CHARACTERS = 17;
    private static final int VTIME = 5;
    private static final int VMIN = 6;

    // <asm-generic/termbits.h>
    private static final int IGNBRK_BRKINT_PARMRK_ISTRIP = 0x1 | 0x2 | 0x8 | 0x20;
    private static final int INLCR_IGNCR_ICRNL_IXON = 0x40 | 0x80 | 0x100 | 0x400;
    private static final int OPOST = 0x1;
    private static final int ISIG_ICANON_ECHO_ECHONL_IEXTEN = 0x1 | 0x2 | 0x8 | 0x40 | 0x8000;
    private static final int CSIZE_PARENB = 0x30 | 0x100;
    private static final int CS8 = 0x30;

    private final byte[] termios;

    private TerminalMode(byte[] termios) {
        this.termios = termios;
    }

    /**
     * The mode that a terminal has now, to be restored later.
     *
     * @throws SyscallException ENOTTY if it is no terminal
     */
    public static TerminalMode of(Fd terminal) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment termios = arena.allocate(BYTES, Long.BYTES);
            Libc.call(Syscall.IOCTL, terminal.number(), TCGETS, termios.address())
                    .orThrow("get the mode of a terminal");
            return new TerminalMode(termios.toArray(ValueLayout.JAVA_BYTE));
        }
    }

    /** This mode without any treatment: each byte passes as it is, also those of Ctrl-C. */
    public TerminalMode raw() {
        byte[] copy = termios.clone();
        ByteBuffer fields = ByteBuffer.wrap(copy).order(ByteOrder.nativeOrder());
        clear(fields, INPUT, IGNBRK_BRKINT_PARMRK_ISTRIP | INLCR_IGNCR_ICRNL_IXON);
        clear(fields, OUTPUT, OPOST);
        clear(fields, LOCAL, ISIG_ICANON_ECHO_ECHONL_IEXTEN);
        clear(fields, CONTROL, CSIZE_PARENB);
        fields.putInt(CONTROL, fields.getInt(CONTROL) | CS8);
        fields.put(CHARACTERS + VMIN, (byte) 1);
        fields.put(CHARACTERS + VTIME, (byte) 0);
        return new TerminalMode(copy);
    }

    private static void clear(ByteBuffer fields, int field, int bits) {
        fields.putInt(field, fields.getInt(field) & ~bits);
    }

    /** Gives a terminal this mode. */
    public void apply(Fd terminal) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocateFrom(ValueLayout.JAVA_BYTE, termios);
            Libc.call(Syscall.IOCTL, terminal.number(), TCSETSW, copy.address()).orThrow("set the mode of a terminal");
        }
    }
}
