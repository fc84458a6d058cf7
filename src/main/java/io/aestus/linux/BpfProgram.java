package io.aestus.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Assembles classic BPF from its end to its beginning. Jumps only go forward, so whatever an instruction may jump to is
 * there before it, and no label needs a second pass. A place is counted from the end of the program, where it stays put.
 *
 * <p>Conditional jumps reach 255 instructions. Where a target lies beyond, a return is repeated close by, and for anything
 * else an unconditional jump, which reaches everywhere, stands in between.
 */
final class BpfProgram {
    /** {@code BPF_MAXINSNS} of {@code <linux/bpf_common.h>}. */
    static final int MAX_INSTRUCTIONS = 4096;

    private static final int BYTES = 8; // struct sock_filter: u16 code, u8 jt, u8 jf, u32 k
    private static final int REACH = 255;

    private static final int LOAD_WORD = 0x20;
    private static final int AND = 0x54;
    private static final int RETURN = 0x06;
    private static final int JUMP = 0x05;

    /** The conditional jumps, by what they ask of the accumulator (unsigned). */
    enum Condition {
        EQUAL(0x15),
        GREATER(0x25),
        GREATER_OR_EQUAL(0x35);

        private final int code;

        Condition(int code) {
            this.code = code;
        }
    }

    private record Instruction(int code, int ifTrue, int ifFalse, int operand) {}

    private final List<Instruction> reversed = new ArrayList<>();
    private final Map<Integer, Integer> returns = new HashMap<>();

    /** The place of the instruction written last: what runs first of all that is there. */
    int here() {
        return reversed.size();
    }

    /** A place that returns {@code value}: one within reach if there is one, else a new one. */
    int returning(int value) {
        Integer known = returns.get(value);
        if (known != null && here() - known < REACH - 2) { // a bridge and a second target may come in between
            return known;
        }
        int place = add(new Instruction(RETURN, 0, 0, value));
        returns.put(value, place);
        return place;
    }

    /** Loads the 32-bit word at {@code offset} of the data, then goes on to what was written last. */
    int load(int offset) {
        return add(new Instruction(LOAD_WORD, 0, 0, offset));
    }

    /** Keeps of the accumulator only the bits in {@code mask}. */
    int and(int mask) {
        return add(new Instruction(AND, 0, 0, mask));
    }

    /** Goes to {@code ifTrue} or {@code ifFalse}. */
    int branch(Condition condition, int operand, int ifTrue, int ifFalse) {
        int nearTrue = bridge(ifTrue);
        int nearFalse = bridge(ifFalse);
        return add(new Instruction(condition.code, distance(nearTrue), distance(nearFalse), operand));
    }

    /** Makes sure that what is written next continues at {@code place}. */
    int continueAt(int place) {
        return distance(place) == 0 ? place : add(new Instruction(JUMP, 0, 0, distance(place)));
    }

    /** {@code place}, or a jump to it when it is too far; one more instruction may still come before the branch. */
    private int bridge(int place) {
        return distance(place) < REACH ? place : add(new Instruction(JUMP, 0, 0, distance(place)));
    }

    /** How many instructions lie between the next one to be written and {@code place}. */
    private int distance(int place) {
        return here() - place;
    }

    private int add(Instruction instruction) {
        reversed.add(instruction);
        return here();
    }

    /** How many instructions there are. */
    int length() {
        return reversed.size();
    }

    /** The program as an array of {@code struct sock_filter}, in the order of execution. */
    byte[] bytes() {
        var out = ByteBuffer.allocate(reversed.size() * BYTES).order(ByteOrder.nativeOrder());
        for (Instruction instruction : reversed.reversed()) {
            out.putShort((short) instruction.code)
                    .put((byte) instruction.ifTrue)
                    .put((byte) instruction.ifFalse)
                    .putInt(instruction.operand);
        }
        return out.array();
    }
}
