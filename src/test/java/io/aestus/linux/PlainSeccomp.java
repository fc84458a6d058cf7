package io.aestus.linux;

import java.util.List;
import java.util.Set;

/** What a policy says about a call, read off its list without any cleverness: what the compiled filter is compared with. */
final class PlainSeccomp {
    private PlainSeccomp() {}

    static SeccompAction decide(
            SeccompPolicy policy, SyscallAbi host, Set<SyscallAbi> others, int arch, int number, long... arguments) {
        for (SyscallAbi abi : SyscallAbi.values()) {
            if (abi.auditArch() == arch && (abi == host || others.contains(abi))) {
                return decide(policy, abi, number, arguments);
            }
        }
        return SeccompAction.KILL_PROCESS;
    }

    private static SeccompAction decide(SeccompPolicy policy, SyscallAbi abi, int number, long... arguments) {
        if (abi == SyscallAbi.X86_64 && Integer.compareUnsigned(number, 0x4000_0000) >= 0) {
            return SeccompAction.errno(Errno.ENOSYS);
        }
        var table = SyscallTable.of(abi);
        if (Integer.compareUnsigned(number, table.highest()) > 0) {
            return policy.unknown();
        }
        return policy.rules().entrySet().stream()
                .filter(entry -> table.numbersLike(entry.getKey()).contains(number))
                .findFirst()
                .map(entry -> first(entry.getValue(), policy.otherwise(), arguments))
                .orElse(policy.otherwise());
    }

    private static SeccompAction first(List<SeccompPolicy.Rule> rules, SeccompAction otherwise, long... arguments) {
        for (SeccompPolicy.Rule rule : rules) {
            if (rule.tests().stream().allMatch(test -> test.holds(arguments[test.argument()]))) {
                return rule.action();
            }
        }
        return otherwise;
    }
}
