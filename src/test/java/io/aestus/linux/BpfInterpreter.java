package io.aestus.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Runs classic BPF as the kernel's checker and interpreter do, stricter: each jump must stay inside and go forward. */
final class BpfInterpreter {
    private static final int BYTES = 8;

    private final byte[] program;
    private int steps;

    BpfInterpreter(byte[] program) {
        this.program = program.clone();
    }

    /** How many instructions the last run took. */
    int steps() {
        return steps;
    }

    /** What a filter returns for this call. */
    int run(int architecture, int number, long... arguments) {
        var data = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        data.putInt(0, number).putInt(4, architecture);
        for (int i = 0; i < arguments.length; i++) {
            data.putLong(16 + 8 * i, arguments[i]);
        }
        var code = ByteBuffer.wrap(program).order(ByteOrder.nativeOrder());
        int accumulator = 0;
        steps = 0;
        for (int at = 0; ; ) {
            if (at * BYTES >= program.length) {
                throw new AssertionError("ran off the end at " + at);
            }
            steps++;
            int operation = code.getShort(at * BYTES) & 0xffff;
            int ifTrue = code.get(at * BYTES + 2) & 0xff;
            int ifFalse = code.get(at * BYTES + 3) & 0xff;
            int operand = code.getInt(at * BYTES + 4);
            at++;
            switch (operation) {
                case 0x20 -> accumulator = data.getInt(operand);
                case 0x54 -> accumulator &= operand;
                case 0x05 -> at += operand;
                case 0x15 -> at += accumulator == operand ? ifTrue : ifFalse;
                case 0x25 -> at += Integer.compareUnsigned(accumulator, operand) > 0 ? ifTrue : ifFalse;
                case 0x35 -> at += Integer.compareUnsigned(accumulator, operand) >= 0 ? ifTrue : ifFalse;
                case 0x06 -> {
                    return operand;
                }
                default -> throw new AssertionError("instruction %x at %d".formatted(operation, at - 1));
            }
        }
    }
}
