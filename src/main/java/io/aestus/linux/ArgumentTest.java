package io.aestus.linux;

/**
 * A question about one argument of a system call, asked of the bits in {@code mask} alone, unsigned. Pointers cannot be
 * followed.
 *
 * <p>The kernel reads an {@code int} argument from the low half of its register and ignores the rest. A test on the whole
 * register could be deceived by setting a high bit, so ints are tested by {@link #ofInt}.
 *
 * @param argument 0 to 5
 * @param operand must lie within {@code mask}
 */
public record ArgumentTest(int argument, Comparison comparison, long operand, long mask) {
    public static final long WHOLE_REGISTER = -1;
    public static final long INT = 0xffff_ffffL;

    /** How the masked argument must stand to the operand. */
    public enum Comparison {
        EQUAL,
        NOT_EQUAL,
        GREATER,
        GREATER_OR_EQUAL,
        LESS,
        LESS_OR_EQUAL
    }

    public ArgumentTest {
        if (argument < 0 || argument > 5) {
            throw new IllegalArgumentException("system calls have six arguments, not number " + argument);
        }
        if ((operand & ~mask) != 0) {
            throw new IllegalArgumentException("operand %x has bits outside mask %x".formatted(operand, mask));
        }
    }

    /** A test of an argument that the kernel reads as a 32-bit number. */
    public static ArgumentTest ofInt(int argument, Comparison comparison, int operand) {
        return new ArgumentTest(argument, comparison, Integer.toUnsignedLong(operand), INT);
    }

    /** That none of the bits in {@code mask} is set. */
    public static ArgumentTest noneOf(int argument, long mask) {
        return new ArgumentTest(argument, Comparison.EQUAL, 0, mask);
    }

    /** The answer for a register with this value: what the compiled filter must give. */
    public boolean holds(long register) {
        int order = Long.compareUnsigned(register & mask, operand);
        return switch (comparison) {
            case EQUAL -> order == 0;
            case NOT_EQUAL -> order != 0;
            case GREATER -> order > 0;
            case GREATER_OR_EQUAL -> order >= 0;
            case LESS -> order < 0;
            case LESS_OR_EQUAL -> order <= 0;
        };
    }
}
