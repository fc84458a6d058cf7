package io.aestus.linux;

import io.aestus.linux.BpfProgram.Condition;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A {@link SeccompPolicy} compiled to the classic BPF that the kernel runs before each system call. Immutable.
 *
 * <p>The program first asks for the architecture: calls by any other than the accepted ones end the process, since their
 * numbers mean other things. On x86-64 a number with bit 30 set is of the x32 convention, which no app needs and which
 * would lead around the list: ENOSYS. Then numbers are sorted, neighbours that meet the same fate merged to ranges, and a
 * balanced tree of comparisons finds the range in about seven steps where a list would take up to four hundred. Where
 * arguments matter, the leaf tests them.
 */
public final class SeccompFilter {
    // Offsets in struct seccomp_data; both architectures are little-endian.
    private static final int NUMBER = 0;
    private static final int ARCHITECTURE = 4;
    private static final int ARGUMENTS = 16;

    /** {@code __X32_SYSCALL_BIT} of {@code <asm/unistd.h>}. */
    private static final int X32_BIT = 0x4000_0000;

    private static final SeccompAction X32_ACTION = SeccompAction.errno(Errno.ENOSYS);
    private static final SeccompAction FOREIGN_ACTION = SeccompAction.KILL_PROCESS;

    /** What happens from {@code first} on, up to the next range: rules, or none and an action. */
    private record Range(int first, List<SeccompPolicy.Rule> rules, SeccompAction otherwise) {
        boolean sameFateAs(Range other) {
            return rules.equals(other.rules) && otherwise.equals(other.otherwise);
        }
    }

    private final BpfProgram program = new BpfProgram();
    private final SeccompPolicy policy;
    private final Set<String> skipped = new TreeSet<>();
    private final boolean asks;

    private SeccompFilter(SeccompPolicy policy) {
        this.policy = policy;
        this.asks = policy.asks();
    }

    /** The filter for programs of {@code abi} alone. */
    public static SeccompFilter compile(SeccompPolicy policy, SyscallAbi abi) {
        return compile(policy, abi, Set.of());
    }

    /**
     * The filter for programs of {@code abi} that may also make calls by the conventions of {@code others}, under
     * the same policy: for 32-bit images.
     *
     * @throws IllegalArgumentException if the program is longer than the kernel takes, which no list of names alone makes it
     */
    public static SeccompFilter compile(SeccompPolicy policy, SyscallAbi abi, Set<SyscallAbi> others) {
        var filter = new SeccompFilter(policy);
        filter.skipped.addAll(policy.rules().keySet());
        int elsewhere = filter.program.returning(FOREIGN_ACTION.code());
        for (SyscallAbi other : others) {
            elsewhere = filter.section(other, elsewhere);
        }
        filter.section(abi, elsewhere);
        filter.program.load(ARCHITECTURE);
        if (filter.length() > BpfProgram.MAX_INSTRUCTIONS) {
            throw new IllegalArgumentException("a filter of %d instructions is longer than the kernel's limit of %d"
                    .formatted(filter.length(), BpfProgram.MAX_INSTRUCTIONS));
        }
        return filter;
    }

    /** The instructions as an array of {@code struct sock_filter}. */
    public byte[] program() {
        return program.bytes();
    }

    /** Whether somebody is asked about some call: then a child that installs it has a descriptor for who answers. */
    public boolean asks() {
        return asks;
    }

    /** The number of instructions. */
    public int length() {
        return program.length();
    }

    /** Names in the policy that no accepted architecture knows, sorted; they may exist elsewhere. */
    public Set<String> skipped() {
        return Set.copyOf(skipped);
    }

    /** Code that decides calls of {@code abi} and goes {@code elsewhere} for others, which is in the accumulator. */
    private int section(SyscallAbi abi, int elsewhere) {
        int decided = tree(ranges(abi));
        if (abi == SyscallAbi.X86_64) {
            int x32 = program.returning(X32_ACTION.code());
            decided = program.branch(Condition.GREATER_OR_EQUAL, X32_BIT, x32, decided);
        }
        program.continueAt(decided);
        int start = program.load(NUMBER);
        return program.branch(Condition.EQUAL, abi.auditArch(), start, elsewhere);
    }

    private List<Range> ranges(SyscallAbi abi) {
        var table = SyscallTable.of(abi);
        var byNumber = new TreeMap<Integer, List<SeccompPolicy.Rule>>();
        policy.rules().forEach((name, rules) -> {
            for (int number : table.numbersLike(name)) {
                skipped.remove(name);
                byNumber.putIfAbsent(number, rules);
            }
        });
        var all = new ArrayList<Range>();
        int next = 0;
        for (var entry : byNumber.entrySet()) {
            int number = entry.getKey();
            if (number > next) {
                all.add(new Range(next, List.of(), policy.otherwise()));
            }
            all.add(new Range(number, entry.getValue(), policy.otherwise()));
            next = number + 1;
        }
        if (next <= table.highest()) {
            all.add(new Range(next, List.of(), policy.otherwise()));
        }
        all.add(new Range(table.highest() + 1, List.of(), policy.unknown()));
        return merged(all);
    }

    private static List<Range> merged(List<Range> ranges) {
        var out = new ArrayList<Range>();
        for (Range range : ranges) {
            if (out.isEmpty() || !out.getLast().sameFateAs(range)) {
                out.add(range);
            }
        }
        return out;
    }

    private int tree(List<Range> ranges) {
        if (ranges.size() == 1) {
            return leaf(ranges.getFirst());
        }
        int middle = ranges.size() / 2;
        int upper = tree(ranges.subList(middle, ranges.size()));
        int lower = tree(ranges.subList(0, middle));
        return program.branch(Condition.GREATER_OR_EQUAL, ranges.get(middle).first(), upper, lower);
    }

    private int leaf(Range range) {
        int place = program.returning(range.otherwise().code());
        for (SeccompPolicy.Rule rule : range.rules().reversed()) {
            int otherwise = place;
            place = program.returning(rule.action().code());
            for (ArgumentTest test : rule.tests().reversed()) {
                place = test(test, place, otherwise);
            }
        }
        return place;
    }

    private int test(ArgumentTest test, int yes, int no) {
        return switch (test.comparison()) {
            case EQUAL -> equal(test, yes, no);
            case NOT_EQUAL -> equal(test, no, yes);
            case GREATER -> greater(test, Condition.GREATER, yes, no);
            case GREATER_OR_EQUAL -> greater(test, Condition.GREATER_OR_EQUAL, yes, no);
            case LESS -> greater(test, Condition.GREATER_OR_EQUAL, no, yes);
            case LESS_OR_EQUAL -> greater(test, Condition.GREATER, no, yes);
        };
    }

    private int equal(ArgumentTest test, int yes, int no) {
        program.branch(Condition.EQUAL, low(test.operand()), yes, no);
        int place = loadLow(test);
        if (high(test.mask()) != 0) {
            program.branch(Condition.EQUAL, high(test.operand()), place, no);
            place = loadHigh(test);
        }
        return place;
    }

    private int greater(ArgumentTest test, Condition condition, int yes, int no) {
        program.branch(condition, low(test.operand()), yes, no);
        int place = loadLow(test);
        if (high(test.mask()) != 0) {
            int level = program.branch(Condition.EQUAL, high(test.operand()), place, no);
            program.branch(Condition.GREATER, high(test.operand()), yes, level);
            place = loadHigh(test);
        }
        return place;
    }

    private int loadLow(ArgumentTest test) {
        return loadMasked(ARGUMENTS + Long.BYTES * test.argument(), low(test.mask()));
    }

    private int loadHigh(ArgumentTest test) {
        return loadMasked(ARGUMENTS + Long.BYTES * test.argument() + Integer.BYTES, high(test.mask()));
    }

    private int loadMasked(int offset, int mask) {
        if (mask != -1) {
            program.and(mask);
        }
        return program.load(offset);
    }

    private static int low(long value) {
        return (int) value;
    }

    private static int high(long value) {
        return (int) (value >>> Integer.SIZE);
    }
}
