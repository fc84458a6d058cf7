package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aestus.linux.ArgumentTest.Comparison;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever the policy: the compiled tree decides as the plain list does. */
class SeccompFilterProperties {
    private static final int HIGHEST = 600;
    private static final List<SeccompAction> ACTIONS = List.of(
            SeccompAction.ALLOW,
            SeccompAction.KILL_PROCESS,
            SeccompAction.LOG,
            SeccompAction.errno(Errno.EPERM),
            SeccompAction.errno(Errno.ENOSYS));

    /** Numbers at the seams of 32 and 64 bits. */
    private static final long[] REGISTERS = {
        0, 1, 2, 0x7fff_ffffL, 0x8000_0000L, 0xffff_ffffL, 1L << 32, (1L << 32) + 1, -1
    };

    @Property(tries = 60)
    void every_number_of_every_convention_meets_the_same_fate(
            @ForAll("policies") SeccompPolicy policy, @ForAll SyscallAbi host, @ForAll boolean alsoI386) {
        Set<SyscallAbi> others = alsoI386 && host == SyscallAbi.X86_64 ? Set.of(SyscallAbi.I386) : Set.of();
        var filter =
                new BpfInterpreter(SeccompFilter.compile(policy, host, others).program());
        for (SyscallAbi caller : SyscallAbi.values()) {
            for (int number = 0; number <= HIGHEST; number++) {
                check(policy, host, others, filter, caller, number);
            }
            for (int number : new int[] {-1, Integer.MIN_VALUE, 0x3fff_ffff, 0x4000_0000, 0x4000_0001}) {
                check(policy, host, others, filter, caller, number);
            }
        }
    }

    private static void check(
            SeccompPolicy policy,
            SyscallAbi host,
            Set<SyscallAbi> others,
            BpfInterpreter filter,
            SyscallAbi caller,
            int number) {
        long[] arguments = new long[6];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = REGISTERS[Math.floorMod(number * 7 + i * 3, REGISTERS.length)];
        }
        int expected = PlainSeccomp.decide(policy, host, others, caller.auditArch(), number, arguments)
                .code();
        assertEquals(expected, filter.run(caller.auditArch(), number, arguments), () -> caller + " call " + number);
    }

    @Property(tries = 2000)
    void a_test_of_an_argument_is_answered_as_plain_comparison_does(
            @ForAll("tests") ArgumentTest test, @ForAll("registers") long register) {
        var policy = SeccompPolicy.otherwise(SeccompAction.KILL_PROCESS)
                .on("read", SeccompAction.ALLOW, test)
                .build();
        var filter = new BpfInterpreter(
                SeccompFilter.compile(policy, SyscallAbi.X86_64).program());
        long[] arguments = new long[6];
        arguments[test.argument()] = register;
        SeccompAction expected = test.holds(register) ? SeccompAction.ALLOW : SeccompAction.KILL_PROCESS;
        assertEquals(
                expected.code(),
                filter.run(SyscallAbi.X86_64.auditArch(), 0, arguments),
                () -> test + " of " + Long.toHexString(register));
    }

    @Provide
    Arbitrary<Long> registers() {
        return Arbitraries.oneOf(
                Arbitraries.longs(),
                Arbitraries.of(java.util.Arrays.stream(REGISTERS).boxed().toList()));
    }

    @Provide
    Arbitrary<ArgumentTest> tests() {
        Arbitrary<Long> masks = Arbitraries.oneOf(
                Arbitraries.of(ArgumentTest.WHOLE_REGISTER, ArgumentTest.INT, 0x7e02_0000L, 0xff00_0000_0000L),
                Arbitraries.longs());
        return Combinators.combine(
                        Arbitraries.integers().between(0, 5), Arbitraries.of(Comparison.values()), registers(), masks)
                .as((argument, comparison, operand, mask) ->
                        new ArgumentTest(argument, comparison, operand & mask, mask));
    }

    @Provide
    Arbitrary<SeccompPolicy> policies() {
        var names = new HashSet<>(SyscallTable.of(SyscallAbi.X86_64).names());
        names.addAll(SyscallTable.of(SyscallAbi.AARCH64).names());
        names.add("no_such_call");
        Arbitrary<SeccompPolicy.Rule> rules = Combinators.combine(tests().list().ofMaxSize(3), Arbitraries.of(ACTIONS))
                .as(SeccompPolicy.Rule::new);
        return Combinators.combine(
                        Arbitraries.maps(
                                        Arbitraries.of(names.stream().sorted().toList()),
                                        rules.list().ofMinSize(1).ofMaxSize(2))
                                .ofMaxSize(150),
                        Arbitraries.of(ACTIONS),
                        Arbitraries.of(ACTIONS))
                .as(SeccompPolicy::new);
    }
}
