package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.linux.CapabilitySet;
import io.aestus.linux.SeccompAction;
import io.aestus.linux.SeccompPolicy;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Profiles of system calls in the form of OCI runtimes. */
class SeccompProfileTest {
    private static SeccompProfile read(String json) {
        return SeccompProfile.read(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8), "profile");
    }

    private static SeccompAction answer(SeccompPolicy policy, String call, long... arguments) {
        for (SeccompPolicy.Rule rule : policy.rules().getOrDefault(call, List.of())) {
            if (rule.tests().stream().allMatch(test -> test.holds(arguments[test.argument()]))) {
                return rule.action();
            }
        }
        return policy.otherwise();
    }

    @Test
    void calls_are_allowed_and_refused_as_it_says() {
        var policy = read("""
                {'defaultAction': 'SCMP_ACT_ERRNO', 'defaultErrnoRet': 38, 'architectures': ['SCMP_ARCH_X86_64'],
                 'flags': ['SECCOMP_FILTER_FLAG_LOG'],
                 'syscalls': [
                  {'names': ['read', 'nonesuch'], 'action': 'SCMP_ACT_ALLOW'},
                  {'names': ['mkdir'], 'action': 'SCMP_ACT_ERRNO'},
                  {'names': ['ptrace'], 'action': 'SCMP_ACT_KILL_PROCESS'}]}
                """).policy(CapabilitySet.STANDARD);
        assertEquals(SeccompAction.ALLOW, answer(policy, "read"));
        assertEquals(SeccompAction.errno(1), answer(policy, "mkdir"));
        assertEquals(SeccompAction.KILL_PROCESS, answer(policy, "ptrace"));
        assertEquals(SeccompAction.errno(38), answer(policy, "write"));
        assertFalse(policy.rules().containsKey("nonesuch"));
        assertTrue(policy.letsThrough("read"));
        assertFalse(policy.letsThrough("write"));
    }

    @Test
    void arguments_decide_all_together_or_each_where_two_are_the_same() {
        var policy = read("""
                {'defaultAction': 'SCMP_ACT_ERRNO', 'syscalls': [
                  {'names': ['clone'], 'action': 'SCMP_ACT_ALLOW', 'args':
                    [{'index': 0, 'value': 2114060288, 'valueTwo': 0, 'op': 'SCMP_CMP_MASKED_EQ'}]},
                  {'names': ['socket'], 'action': 'SCMP_ACT_ALLOW', 'args':
                    [{'index': 0, 'value': 2, 'op': 'SCMP_CMP_EQ'}, {'index': 1, 'value': 3, 'op': 'SCMP_CMP_LT'}]},
                  {'names': ['personality'], 'action': 'SCMP_ACT_ALLOW', 'args':
                    [{'index': 0, 'value': 0, 'op': 'SCMP_CMP_EQ'}, {'index': 0, 'value': 8, 'op': 'SCMP_CMP_EQ'}]}]}
                """).policy(CapabilitySet.STANDARD);
        assertEquals(SeccompAction.ALLOW, answer(policy, "clone", 17));
        assertEquals(SeccompAction.errno(1), answer(policy, "clone", 0x1000_0000));
        assertEquals(SeccompAction.ALLOW, answer(policy, "socket", 2, 1));
        assertEquals(SeccompAction.errno(1), answer(policy, "socket", 2, 3));
        assertEquals(SeccompAction.errno(1), answer(policy, "socket", 16, 1));
        assertEquals(SeccompAction.ALLOW, answer(policy, "personality", 8));
        assertEquals(SeccompAction.errno(1), answer(policy, "personality", 4));
        assertFalse(policy.letsThrough("clone"));
    }

    @Test
    void what_is_said_without_arguments_decides_wherever_it_stands() {
        String tested = "{'names': ['socket'], 'action': 'SCMP_ACT_ERRNO', 'args':"
                + " [{'index': 0, 'value': 16, 'op': 'SCMP_CMP_EQ'}]}";
        String always = "{'names': ['socket'], 'action': 'SCMP_ACT_LOG'}";
        for (String both : List.of(tested + "," + always, always + "," + tested)) {
            var policy = read("{'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [" + both + "]}")
                    .policy(CapabilitySet.STANDARD);
            assertEquals(SeccompAction.LOG, answer(policy, "socket", 16));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | defaultAction",
                "{'defaultAction': 'SCMP_ACT_MAYBE'} | defaultAction",
                "{'defaultAction': 'SCMP_ACT_NOTIFY'} | defaultAction",
                "{'defaultAction': 'SCMP_ACT_ALLOW', 'flags': ['SECCOMP_FILTER_FLAG_NEW_LISTENER']} | flags",
                "{'defaultAction': 'SCMP_ACT_ALLOW', 'listenerPath': 'run/x'} | listenerPath",
                "{'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [{'names': ['mkdir'], 'action': 'SCMP_ACT_NOTIFY'}]} | listenerPath",
                "{'defaultAction': 'SCMP_ACT_ALLOW', 'listenerPath': '/run/x', 'syscalls': [{'names': ['write'],"
                        + " 'action': 'SCMP_ACT_NOTIFY'}]} | nobody can be asked about fcntl, prctl, read, write",
                "{'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [{'action': 'SCMP_ACT_LOG'}]} | syscalls",
                "{'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [{'names': ['read'], 'action': 'SCMP_ACT_LOG',"
                        + " 'includes': {'moon': ['full']}}]} | includes",
                "{'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [{'names': ['read'], 'action': 'SCMP_ACT_LOG',"
                        + " 'excludes': {'caps': ['CAP_FLY']}}]} | excludes",
                "{'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [{'names': ['read'], 'action': 'SCMP_ACT_LOG',"
                        + " 'includes': {'minKernel': 'new'}}]} | minKernel",
                "{'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [{'names': ['read'], 'action': 'SCMP_ACT_LOG',"
                        + " 'args': [{'index': 0, 'value': 18446744073709551616, 'op': 'SCMP_CMP_EQ'}]}]} | value",
                "{'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [{'names': ['read'], 'action': 'SCMP_ACT_LOG',"
                        + " 'args': [{'index': 6, 'value': 1, 'op': 'SCMP_CMP_EQ'}]}]} | index",
                "{'defaultAction': 'SCMP_ACT_ALLOW', 'defaultErrnoRet': 5000} | defaultErrnoRet",
                "[] | profile",
            })
    void what_is_wrong_or_cannot_be_done_is_named(String json, String field) {
        var refused = assertThrows(AestusException.class, () -> read(json));
        assertEquals(Problem.INVALID, refused.problem());
        assertTrue(refused.message().contains(field), refused.message());
    }

    @Test
    void rules_count_where_their_conditions_hold() {
        var profile = read("""
                {'defaultAction': 'SCMP_ACT_ERRNO', 'syscalls': [
                  {'names': ['mount'], 'action': 'SCMP_ACT_ALLOW', 'includes': {'caps': ['CAP_SYS_ADMIN']}},
                  {'names': ['umount2'], 'action': 'SCMP_ACT_ALLOW', 'includes': {'caps': ['CAP_SYS_ADMIN', 'CAP_KILL']}},
                  {'names': ['clone'], 'action': 'SCMP_ACT_ALLOW', 'excludes': {'caps': ['CAP_SYS_ADMIN']}},
                  {'names': ['ptrace'], 'action': 'SCMP_ACT_ALLOW', 'includes': {'minKernel': '4.8'}},
                  {'names': ['bpf'], 'action': 'SCMP_ACT_ALLOW', 'includes': {'minKernel': '999.0'}},
                  {'names': ['read'], 'action': 'SCMP_ACT_ALLOW', 'includes': {'arches': ['amd64', 'arm64']}},
                  {'names': ['write'], 'action': 'SCMP_ACT_ALLOW', 'excludes': {'arches': ['s390x']}},
                  {'names': ['lseek'], 'action': 'SCMP_ACT_ALLOW', 'includes': {'arches': ['s390x']}},
                  {'names': ['close'], 'action': 'SCMP_ACT_ALLOW', 'includes': {}, 'excludes': {}}]}
                """);
        var usual = profile.policy(CapabilitySet.STANDARD);
        assertEquals(
                Set.of("clone", "ptrace", "read", "write", "close"),
                usual.rules().keySet());
        var mighty = profile.policy(CapabilitySet.ALL);
        assertEquals(
                Set.of("mount", "umount2", "ptrace", "read", "write", "close"),
                mighty.rules().keySet());
    }

    @Test
    void arguments_have_all_64_bits() {
        var policy = read("""
                {'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [
                  {'names': ['ioctl'], 'action': 'SCMP_ACT_ERRNO', 'args':
                    [{'index': 1, 'value': 18446744073709551615, 'op': 'SCMP_CMP_EQ'}]},
                  {'names': ['fcntl'], 'action': 'SCMP_ACT_ERRNO', 'args':
                    [{'index': 1, 'value': 9223372036854775808, 'op': 'SCMP_CMP_GE'}]}]}
                """).policy(CapabilitySet.STANDARD);
        assertEquals(SeccompAction.errno(1), answer(policy, "ioctl", 0, -1));
        assertEquals(SeccompAction.ALLOW, answer(policy, "ioctl", 0, 1));
        assertEquals(SeccompAction.errno(1), answer(policy, "fcntl", 0, -2));
        assertEquals(SeccompAction.ALLOW, answer(policy, "fcntl", 0, Long.MAX_VALUE));
    }

    @Test
    void a_filter_that_forbids_what_a_start_needs_comes_last() {
        var harmless = new SeccompChoice.Profile(read(
                "{'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [{'names': ['chmod'], 'action': 'SCMP_ACT_ERRNO'}]}"));
        assertFalse(harmless.hindersLaunch(true, CapabilitySet.ALL));
        var strict = new SeccompChoice.Profile(
                read(
                        "{'defaultAction': 'SCMP_ACT_ERRNO', 'syscalls': [{'names': ['execve'], 'action': 'SCMP_ACT_ALLOW'}]}"));
        assertTrue(strict.hindersLaunch(false, CapabilitySet.ALL));
    }
}
