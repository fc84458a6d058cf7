package io.aestus.linux;

import io.aestus.linux.ArgumentTest.Comparison;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What an app may call whose manifest says nothing about seccomp. It matches what the other container runtimes allow by
 * default, so that images that run there run here. Refused are calls that reach outside of the app's namespaces, that
 * administer the host, or whose kernel side has a record of holes.
 */
public final class DefaultSeccompPolicy {
    /** All {@code CLONE_NEW…} flags that fit {@code clone}: namespaces are made by the agent alone. */
    private static final long CLONE_NAMESPACES = 0x7e02_0000L;

    private static final int AF_ALG = 38;
    private static final int AF_VSOCK = 40;

    /** {@code PER_LINUX}, {@code PER_LINUX32}, each also with {@code UNAME26}, and "only ask". */
    private static final int[] PERSONALITIES = {0, 8, 0x2_0000, 0x2_0008, 0xffff_ffff};

    private static final SeccompAction REFUSED = SeccompAction.errno(Errno.EPERM);

    static final List<String> ALLOWED = words("""
            accept accept4 access adjtimex alarm bind brk cachestat capget capset chdir chmod chown
            clock_adjtime clock_getres clock_gettime clock_nanosleep close close_range connect
            copy_file_range creat dup dup2 dup3 epoll_create epoll_create1 epoll_ctl epoll_ctl_old
            epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd eventfd2 execve execveat exit
            exit_group faccessat faccessat2 fadvise64 fallocate fanotify_mark fchdir fchmod fchmodat
            fchmodat2 fchown fchownat fcntl fdatasync fgetxattr flistxattr flock fork fremovexattr
            fsetxattr fstat fstatfs fsync ftruncate futex futex_requeue futex_wait futex_waitv futex_wake
            futimesat get_robust_list get_thread_area getcpu getcwd getdents getdents64 getegid geteuid
            getgid getgroups getitimer getpeername getpgid getpgrp getpid getppid getpriority getrandom
            getresgid getresuid getrlimit getrusage getsid getsockname getsockopt gettid gettimeofday
            getuid getxattr getxattrat inotify_add_watch inotify_init inotify_init1 inotify_rm_watch
            io_cancel io_destroy io_getevents io_pgetevents io_setup io_submit ioctl ioprio_get ioprio_set
            kill landlock_add_rule landlock_create_ruleset landlock_restrict_self lchown lgetxattr link
            linkat listen listmount listxattr listxattrat llistxattr lremovexattr lseek lsetxattr lstat
            madvise map_shadow_stack membarrier memfd_create memfd_secret mincore mkdir mkdirat mknod
            mknodat mlock mlock2 mlockall mmap mprotect mq_getsetattr mq_notify mq_open mq_timedreceive
            mq_timedsend mq_unlink mremap mseal msgctl msgget msgrcv msgsnd msync munlock munlockall
            munmap name_to_handle_at nanosleep newfstatat open openat openat2 pause pidfd_open
            pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll prctl pread64
            preadv preadv2 prlimit64 process_mrelease pselect6 pwrite64 pwritev pwritev2 read readahead
            readlink readlinkat readv recvfrom recvmmsg recvmsg remap_file_pages removexattr removexattrat
            rename renameat renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask
            rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo
            sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam
            sched_getscheduler sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam
            sched_setscheduler sched_yield seccomp select semctl semget semop semtimedop sendfile sendmmsg
            sendmsg sendto set_robust_list set_thread_area set_tid_address setfsgid setfsuid setgid
            setgroups setitimer setpgid setpriority setregid setresgid setresuid setreuid setrlimit setsid
            setsockopt setuid setxattr setxattrat shmat shmctl shmdt shmget shutdown sigaltstack signalfd
            signalfd4 socketpair splice stat statfs statmount statx symlink symlinkat sync sync_file_range
            syncfs sysinfo tee tgkill time timer_create timer_delete timer_getoverrun timer_gettime
            timer_settime timerfd_create timerfd_gettime timerfd_settime times tkill truncate umask uname
            unlink unlinkat uretprobe utime utimensat utimes vfork vmsplice wait4 waitid write writev
            """);

    /** Calls that are there on some architectures only and allowed where they are. */
    static final List<String> OF_ONE_ARCHITECTURE = words("""
            arch_prctl arm_fadvise64_64 arm_sync_file_range breakpoint cacheflush modify_ldt set_tls sync_file_range2
            """);

    /** Harmless since Linux 4.8, where a tracer is held to its own filter. */
    private static final List<String> TRACING = List.of("ptrace", "process_vm_readv", "process_vm_writev");

    private static final Map<Capability, List<String>> OPENED_BY = openedBy();

    private static final Map<CapabilitySet, SeccompFilter> COMPILED = new ConcurrentHashMap<>();

    private DefaultSeccompPolicy() {}

    /** The default for an app that may have {@code capabilities}: each opens the calls that are useless without it. */
    public static SeccompPolicy of(CapabilitySet capabilities) {
        var policy = SeccompPolicy.otherwise(REFUSED)
                .on(ALLOWED, SeccompAction.ALLOW)
                .on(OF_ONE_ARCHITECTURE, SeccompAction.ALLOW)
                .on(TRACING, SeccompAction.ALLOW);
        for (Capability capability : capabilities.members()) {
            policy.on(OPENED_BY.getOrDefault(capability, List.of()), SeccompAction.ALLOW);
        }
        if (!capabilities.contains(Capability.SYS_ADMIN)) {
            policy.on("clone", SeccompAction.ALLOW, ArgumentTest.noneOf(0, CLONE_NAMESPACES));
            // Its flags are behind a pointer; at ENOSYS libraries fall back to clone.
            policy.on("clone3", SeccompAction.errno(Errno.ENOSYS));
        }
        for (int family : new int[] {AF_ALG, AF_VSOCK}) {
            policy.on("socket", REFUSED, ArgumentTest.ofInt(0, Comparison.EQUAL, family));
        }
        policy.on("socket", SeccompAction.ALLOW);
        for (int personality : PERSONALITIES) {
            policy.on("personality", SeccompAction.ALLOW, ArgumentTest.ofInt(0, Comparison.EQUAL, personality));
        }
        return policy.build();
    }

    /** The same, compiled for programs of this host; each once, since compiling takes half a millisecond. */
    public static SeccompFilter filter(CapabilitySet capabilities) {
        return COMPILED.computeIfAbsent(
                opening(capabilities), set -> SeccompFilter.compile(of(set), SyscallAbi.ofHost()));
    }

    /** Those of {@code capabilities} that open calls: few sets differ in them. */
    private static CapabilitySet opening(CapabilitySet capabilities) {
        return CapabilitySet.of(
                capabilities.members().stream().filter(OPENED_BY::containsKey).toList());
    }

    private static Map<Capability, List<String>> openedBy() {
        var calls = new EnumMap<Capability, List<String>>(Capability.class);
        calls.put(Capability.SYS_ADMIN, words("""
                        bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie lsm_get_self_attr
                        lsm_list_modules lsm_set_self_attr mount mount_setattr move_mount open_tree perf_event_open
                        quotactl quotactl_fd setdomainname sethostname setns syslog umount umount2 unshare
                        """));
        calls.put(Capability.DAC_READ_SEARCH, List.of("open_by_handle_at"));
        calls.put(Capability.SYS_BOOT, List.of("reboot"));
        calls.put(Capability.SYS_CHROOT, List.of("chroot"));
        calls.put(Capability.SYS_PACCT, List.of("acct"));
        calls.put(Capability.SYS_TTY_CONFIG, List.of("vhangup"));
        calls.put(Capability.SYS_MODULE, List.of("init_module", "finit_module", "delete_module"));
        calls.put(Capability.SYS_RAWIO, List.of("iopl", "ioperm"));
        calls.put(Capability.SYS_PTRACE, List.of("kcmp", "pidfd_getfd", "process_madvise"));
        calls.put(Capability.SYS_TIME, List.of("settimeofday", "stime", "clock_settime"));
        calls.put(Capability.SYS_NICE, List.of("get_mempolicy", "mbind", "set_mempolicy", "set_mempolicy_home_node"));
        calls.put(Capability.SYSLOG, List.of("syslog"));
        calls.put(Capability.BPF, List.of("bpf"));
        calls.put(Capability.PERFMON, List.of("perf_event_open"));
        return calls;
    }

    private static List<String> words(String text) {
        return List.of(text.strip().split("\\s+"));
    }
}
