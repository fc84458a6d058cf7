package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SeccompFilterTest {
    private static final SyscallAbi X86 = SyscallAbi.X86_64;
    private static final SeccompAction EPERM = SeccompAction.errno(Errno.EPERM);
    private static final SeccompAction ENOSYS = SeccompAction.errno(Errno.ENOSYS);
    private static final SeccompPolicy STANDARD = DefaultSeccompPolicy.of(CapabilitySet.STANDARD);

    private static SeccompAction decide(SeccompPolicy policy, SyscallAbi abi, String call, long... arguments) {
        int number = SyscallTable.of(abi).number(call).orElseThrow();
        long[] six = java.util.Arrays.copyOf(arguments, 6);
        var filter = SeccompFilter.compile(policy, abi);
        return new SeccompAction(new BpfInterpreter(filter.program()).run(abi.auditArch(), number, six));
    }

    private static SeccompAction standard(String call, long... arguments) {
        return decide(STANDARD, X86, call, arguments);
    }

    @Test
    void the_default_lets_ordinary_programs_run() {
        for (String call : List.of("read", "openat", "mmap", "execve", "futex", "socket", "mknod", "chroot")) {
            assertEquals(SeccompAction.ALLOW, standard(call), call);
        }
    }

    @Test
    void the_default_refuses_what_reaches_out_of_the_app() {
        for (String call : List.of(
                "mount",
                "umount2",
                "pivot_root",
                "setns",
                "unshare",
                "bpf",
                "keyctl",
                "add_key",
                "userfaultfd",
                "io_uring_setup",
                "kexec_load",
                "init_module",
                "reboot",
                "open_by_handle_at",
                "fsopen",
                "open_tree",
                "move_mount",
                "swapon",
                "perf_event_open")) {
            assertEquals(EPERM, standard(call), call);
        }
    }

    @Test
    void threads_can_be_made_but_no_namespaces() {
        int threadFlags = 0x003d_0f00; // as pthread_create gives
        assertEquals(SeccompAction.ALLOW, standard("clone", threadFlags));
        for (int bit : new int[] {17, 25, 26, 27, 28, 29, 30}) {
            assertEquals(EPERM, standard("clone", threadFlags | 1L << bit), "CLONE flag bit " + bit);
        }
        assertEquals(ENOSYS, standard("clone3"), "libraries fall back to clone");
    }

    @Test
    void a_high_bit_does_not_smuggle_a_refused_address_family_through() {
        int alg = 38;
        assertEquals(SeccompAction.ALLOW, standard("socket", 2));
        assertEquals(EPERM, standard("socket", alg));
        assertEquals(EPERM, standard("socket", alg | 1L << 32), "the kernel would read 38");
        assertEquals(EPERM, standard("socket", 40));
    }

    @Test
    void personalities_are_allowed_by_value() {
        assertEquals(SeccompAction.ALLOW, standard("personality", 0));
        assertEquals(SeccompAction.ALLOW, standard("personality", 0xffff_ffffL));
        assertEquals(EPERM, standard("personality", 0x40000), "ADDR_NO_RANDOMIZE");
    }

    @Test
    void a_capability_opens_its_calls() {
        var admin = DefaultSeccompPolicy.of(CapabilitySet.of(Capability.SYS_ADMIN));
        for (String call : List.of("mount", "setns", "unshare", "clone3", "bpf")) {
            assertEquals(SeccompAction.ALLOW, decide(admin, X86, call), call);
        }
        assertEquals(SeccompAction.ALLOW, decide(admin, X86, "clone", 0x1000_0000), "CLONE_NEWUSER");
        assertEquals(EPERM, decide(admin, X86, "pivot_root"), "no capability opens it");
        assertEquals(EPERM, decide(admin, X86, "reboot"), "opened by SYS_BOOT only");
        assertEquals(EPERM, decide(DefaultSeccompPolicy.of(CapabilitySet.NONE), X86, "chroot"));
    }

    @Test
    void x32_calls_and_32_bit_entries_lead_nowhere() {
        var interpreter =
                new BpfInterpreter(SeccompFilter.compile(STANDARD, X86).program());
        int read = 0;
        assertEquals(ENOSYS.code(), interpreter.run(X86.auditArch(), read | 0x4000_0000));
        assertEquals(SeccompAction.KILL_PROCESS.code(), interpreter.run(SyscallAbi.I386.auditArch(), 3));
        assertEquals(SeccompAction.KILL_PROCESS.code(), interpreter.run(SyscallAbi.AARCH64.auditArch(), 63));
    }

    @Test
    void a_32_bit_image_gets_its_own_numbers_under_the_same_policy() {
        var filter = SeccompFilter.compile(STANDARD, X86, Set.of(SyscallAbi.I386));
        var interpreter = new BpfInterpreter(filter.program());
        int i386 = SyscallAbi.I386.auditArch();
        assertEquals(SeccompAction.ALLOW.code(), interpreter.run(i386, 3), "read");
        assertEquals(SeccompAction.ALLOW.code(), interpreter.run(i386, 192), "mmap2 follows mmap");
        assertEquals(SeccompAction.ALLOW.code(), interpreter.run(i386, 422), "futex_time64 follows futex");
        assertEquals(EPERM.code(), interpreter.run(i386, 21), "mount");
        assertEquals(EPERM.code(), interpreter.run(i386, 102), "socketcall hides its arguments");
        assertEquals(SeccompAction.ALLOW.code(), interpreter.run(X86.auditArch(), 0), "64-bit calls go on");
    }

    @Test
    void calls_newer_than_this_program_do_not_exist_for_the_app() {
        var interpreter =
                new BpfInterpreter(SeccompFilter.compile(STANDARD, X86).program());
        assertEquals(ENOSYS.code(), interpreter.run(X86.auditArch(), 471));
        assertEquals(EPERM.code(), interpreter.run(X86.auditArch(), 470), "known and not allowed");
    }

    @Test
    void retaining_keeps_what_an_app_needs_to_start_and_to_end() {
        var policy = SeccompPolicy.retain(List.of("write"), SeccompAction.KILL_PROCESS);
        for (String call : List.of("write", "execve", "exit_group", "rt_sigreturn")) {
            assertEquals(SeccompAction.ALLOW, decide(policy, X86, call), call);
        }
        assertEquals(SeccompAction.KILL_PROCESS, decide(policy, X86, "read"));
    }

    @Test
    void removing_allows_all_else_and_reports_names_that_are_not_here() {
        var policy = SeccompPolicy.otherwise(SeccompAction.ALLOW)
                .build()
                .without(List.of("mkdir", "riscv_flush_icache"), SeccompAction.errno(Errno.EACCES));
        var filter = SeccompFilter.compile(policy, X86);
        assertEquals(Set.of("riscv_flush_icache"), filter.skipped());
        assertEquals(SeccompAction.errno(Errno.EACCES), decide(policy, X86, "mkdir"));
        assertEquals(SeccompAction.ALLOW, decide(policy, X86, "mount"));
        assertEquals(SeccompAction.ALLOW.code(), new BpfInterpreter(filter.program()).run(X86.auditArch(), 4711));
    }

    @Test
    void the_tree_is_shallow_and_short() {
        var filter = SeccompFilter.compile(STANDARD, X86);
        var interpreter = new BpfInterpreter(filter.program());
        int tested = SyscallTable.of(X86).number("personality").orElseThrow(); // compares its argument five times
        int most = 0;
        for (int number = 0; number <= 600; number++) {
            interpreter.run(X86.auditArch(), number, 2, 0, 0, 0, 0, 0);
            most = number == tested ? most : Math.max(most, interpreter.steps());
        }
        assertTrue(most <= 16, "a call takes up to " + most + " instructions");
        assertTrue(filter.length() <= 300, "the filter has " + filter.length() + " instructions");
        assertEquals(filter.length() * 8, filter.program().length);
    }

    @Test
    void a_filter_longer_than_the_kernel_takes_is_refused() {
        var many = SeccompPolicy.otherwise(SeccompAction.KILL_PROCESS);
        for (int i = 0; i < 3000; i++) {
            many.on("read", SeccompAction.ALLOW, ArgumentTest.ofInt(0, ArgumentTest.Comparison.EQUAL, i));
        }
        var policy = many.build();
        assertThrows(IllegalArgumentException.class, () -> SeccompFilter.compile(policy, X86));
    }

    @Test
    void the_compiled_default_is_kept() {
        var filter = DefaultSeccompPolicy.filter(CapabilitySet.STANDARD);
        assertSame(filter, DefaultSeccompPolicy.filter(CapabilitySet.of(Capability.SYS_CHROOT, Capability.LEASE)));
        assertNotSame(filter, DefaultSeccompPolicy.filter(CapabilitySet.NONE));
        assertArrayEquals(SeccompFilter.compile(STANDARD, SyscallAbi.ofHost()).program(), filter.program());
    }

    @Test
    void groups_expand_to_their_members() {
        var unknown = new ArrayList<String>();
        var names = SeccompGroups.expand(
                List.of("@rkt/default-blacklist", "@systemd/clock", "read", "@acme/none", "@appc.io/empty"), unknown);
        assertTrue(names.containsAll(List.of("mount", "ptrace", "settimeofday", "read")));
        assertFalse(names.stream().anyMatch(name -> name.startsWith("@")));
        assertEquals(List.of("@acme/none"), unknown);
        assertEquals(
                50,
                SeccompGroups.members("@docker/default-blacklist").orElseThrow().size());
    }

    @Test
    void the_default_allows_the_calls_that_every_64_bit_architecture_knows() {
        assertEquals(300, Set.copyOf(DefaultSeccompPolicy.ALLOWED).size());
        var unknown = new ArrayList<>(DefaultSeccompPolicy.ALLOWED);
        unknown.removeAll(SyscallTable.of(X86).names());
        assertEquals(List.of(), unknown, "misspelt");
        assertEquals(SeccompAction.ALLOW, decide(STANDARD, SyscallAbi.AARCH64, "openat"));
        assertEquals(EPERM, decide(STANDARD, SyscallAbi.AARCH64, "mount"));
    }
}
