package io.aestus.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Device rules as a BPF program for cgroup v2, assembled here: no compiler, no library. The kernel runs it each time a
 * member opens or makes a device node; it returns 1 to allow.
 *
 * <p>In C: {@code if (type == T && !(access & ~A) && major == M && minor == N) return 1;} for each rule, and at last
 * {@code return 0}.
 */
final class DeviceProgram {
    private static final int INSTRUCTION_BYTES = 8; // struct bpf_insn: u8 code, u8 registers, s16 offset, s32 immediate

    // BPF_CLASS | BPF_OP | BPF_SRC of <linux/bpf.h>
    private static final int LOAD_WORD = 0x61;
    private static final int MOVE_REGISTER = 0xbf;
    private static final int MOVE = 0xb7;
    private static final int AND_32 = 0x54;
    private static final int SHIFT_RIGHT_32 = 0x74;
    private static final int JUMP_IF_NOT_EQUAL = 0x55;
    private static final int EXIT = 0x95;

    // Registers
    private static final int RESULT = 0;
    private static final int CONTEXT = 1;
    private static final int TYPE = 2;
    private static final int ACCESS = 3;
    private static final int MAJOR = 4;
    private static final int MINOR = 5;

    // Offsets in struct bpf_cgroup_dev_ctx: access and type share the first word
    private static final int ACCESS_TYPE_FIELD = 0;
    private static final int MAJOR_FIELD = 4;
    private static final int MINOR_FIELD = 8;

    private static final int TYPE_MASK = 0xffff;
    private static final int ACCESS_SHIFT = 16;
    private static final int ALL_ACCESS = DeviceRule.Access.ALL.bits();

    private record Instruction(int code, int target, int source, int offset, int immediate) {}

    private final List<Instruction> instructions = new ArrayList<>();

    private DeviceProgram() {}

    /** The program for {@code rules} as an array of {@code struct bpf_insn}. */
    static byte[] of(List<DeviceRule> rules) {
        var program = new DeviceProgram();
        program.add(LOAD_WORD, TYPE, CONTEXT, ACCESS_TYPE_FIELD, 0);
        program.add(MOVE_REGISTER, ACCESS, TYPE, 0, 0);
        program.add(AND_32, TYPE, 0, 0, TYPE_MASK);
        program.add(SHIFT_RIGHT_32, ACCESS, 0, 0, ACCESS_SHIFT);
        program.add(LOAD_WORD, MAJOR, CONTEXT, MAJOR_FIELD, 0);
        program.add(LOAD_WORD, MINOR, CONTEXT, MINOR_FIELD, 0);
        rules.forEach(program::allow);
        program.result(0);
        return program.bytes();
    }

    private void allow(DeviceRule rule) {
        var tests = new ArrayList<Instruction>();
        tests.add(new Instruction(JUMP_IF_NOT_EQUAL, TYPE, 0, 0, rule.kind().number()));
        int refused = ALL_ACCESS & ~rule.access().bits();
        if (refused != 0) {
            tests.add(new Instruction(MOVE_REGISTER, CONTEXT, ACCESS, 0, 0)); // the context is not needed any more
            tests.add(new Instruction(AND_32, CONTEXT, 0, 0, refused));
            tests.add(new Instruction(JUMP_IF_NOT_EQUAL, CONTEXT, 0, 0, 0));
        }
        equal(tests, MAJOR, rule.major());
        equal(tests, MINOR, rule.minor());
        int next = tests.size() + 2; // behind the two instructions of result(1)
        for (int i = 0; i < tests.size(); i++) {
            Instruction test = tests.get(i);
            int offset = test.code == JUMP_IF_NOT_EQUAL ? next - i - 1 : 0;
            add(test.code, test.target, test.source, offset, test.immediate);
        }
        result(1);
    }

    private static void equal(List<Instruction> tests, int register, OptionalInt number) {
        number.ifPresent(value -> tests.add(new Instruction(JUMP_IF_NOT_EQUAL, register, 0, 0, value)));
    }

    private void result(int value) {
        add(MOVE, RESULT, 0, 0, value);
        add(EXIT, 0, 0, 0, 0);
    }

    private void add(int code, int target, int source, int offset, int immediate) {
        instructions.add(new Instruction(code, target, source, offset, immediate));
    }

    private byte[] bytes() {
        var out = ByteBuffer.allocate(instructions.size() * INSTRUCTION_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (Instruction instruction : instructions) {
            out.put((byte) instruction.code)
                    .put((byte) (instruction.source << 4 | instruction.target))
                    .putShort((short) instruction.offset)
                    .putInt(instruction.immediate);
        }
        return out.array();
    }
}
