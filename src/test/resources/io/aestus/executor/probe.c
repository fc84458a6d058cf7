/* Tries to get out of a container, one attempt per name given, and prints what came of each: "name errno" or "name ok".
   It refuses to run anywhere else. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

static long try_clone(unsigned long flags) {
    long pid = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
    if (pid == 0) _exit(0);
    if (pid > 0) waitpid(pid, NULL, 0);
    return pid;
}

static long try_clone3(unsigned long flags) {
    uint64_t args[11] = {flags, 0, 0, 0, SIGCHLD};
    long pid = syscall(435, args, sizeof args);
    if (pid == 0) _exit(0);
    if (pid > 0) waitpid(pid, NULL, 0);
    return pid;
}

static long try_setns(const char *path) {
    int fd = open(path, O_RDONLY);
    return fd < 0 ? -1 : setns(fd, 0);
}

static long handle_at(void) {
    struct { struct file_handle head; unsigned char body[128]; } handle;
    int id;
    handle.head.handle_bytes = 128;
    if (name_to_handle_at(AT_FDCWD, "/", &handle.head, &id, 0) < 0) { /* an overlay may give none: any will do */
        handle.head.handle_bytes = 8;
        handle.head.handle_type = 1;
        memset(handle.body, 0, 8);
        handle.body[0] = 2;
    }
    return open_by_handle_at(open("/", O_RDONLY), &handle.head, O_RDONLY);
}

static long chroot_escape(void) {
    mkdir("/tmp/jail", 0700);
    int out = open("/", O_RDONLY | O_DIRECTORY);
    if (chroot("/tmp/jail") < 0) return -1;
    fchdir(out);
    for (int i = 0; i < 64; i++) chdir("..");
    chroot(".");
    struct stat probe;
    errno = ENOENT;
    return stat("/.escaped-host-marker", &probe) == 0 || stat("/boot", &probe) == 0 || stat("/var/lib/dpkg", &probe) == 0 ? 0 : -1;
}

static long block_device(void) {
    unlink("/tmp/disk");
    if (mknod("/tmp/disk", S_IFBLK | 0600, makedev(8, 0)) < 0) return -1;
    return open("/tmp/disk", O_RDONLY);
}

static long memory_device(void) {
    unlink("/tmp/mem");
    if (mknod("/tmp/mem", S_IFCHR | 0600, makedev(1, 1)) < 0) return -1;
    return open("/tmp/mem", O_RDONLY);
}

static long vm_read(pid_t pid) {
    char here[8];
    struct iovec mine = {here, 8}, theirs = {(void *) 0x2000000000, 8};
    return process_vm_readv(pid, &mine, 1, &theirs, 1, 0);
}

static long getfd(pid_t pid, int number) {
    int pidfd = syscall(434, pid, 0);
    return pidfd < 0 ? -1 : syscall(438, pidfd, number, 0);
}

#ifdef __x86_64__
/* The 32-bit convention: number 21 is mount there. */
static long i386_mount(void) {
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(21L), "b"(0L), "c"(0L), "d"(0L), "S"(0L), "D"(0L) : "memory", "r8", "r9", "r10", "r11");
    if ((int) result < 0) { errno = -(int) result; return -1; }
    return result;
}

static long x32_mount(void) {
    return syscall(0x40000000 + SYS_mount, "none", "/tmp", "tmpfs", 0, 0);
}
#endif

static long attempt(const char *name) {
    char stolen[64];
    if (!strcmp(name, "mount")) return mount("none", "/tmp", "tmpfs", 0, "");
    if (!strcmp(name, "remount")) return mount("none", "/", "", MS_REMOUNT | MS_BIND, "");
    if (!strcmp(name, "umount")) return umount2("/proc", MNT_DETACH);
    if (!strcmp(name, "umount-mask")) return umount2("/proc/kcore", MNT_DETACH);
    if (!strcmp(name, "pivot_root")) return syscall(SYS_pivot_root, ".", ".");
    if (!strcmp(name, "open_tree")) return syscall(428, AT_FDCWD, "/", 1);
    if (!strcmp(name, "fsopen")) return syscall(430, "tmpfs", 0);
    if (!strcmp(name, "mount_setattr")) { uint64_t a[4] = {0, 1}; return syscall(442, AT_FDCWD, "/sys", 0, a, 32); }
    if (!strcmp(name, "unshare-user")) return unshare(CLONE_NEWUSER);
    if (!strcmp(name, "unshare-mount")) return unshare(CLONE_NEWNS);
    if (!strcmp(name, "unshare-net")) return unshare(CLONE_NEWNET);
    if (!strcmp(name, "unshare-cgroup")) return unshare(CLONE_NEWCGROUP);
    if (!strcmp(name, "clone-user")) return try_clone(CLONE_NEWUSER);
    if (!strcmp(name, "clone-plain")) return try_clone(0);
    if (!strcmp(name, "clone3-user")) return try_clone3(CLONE_NEWUSER);
    if (!strcmp(name, "setns-mount")) return try_setns("/proc/1/ns/mnt");
    if (!strcmp(name, "setns-pid")) return try_setns("/proc/1/ns/pid");
    if (!strcmp(name, "setns-own")) return try_setns("/proc/self/ns/net");
    if (!strcmp(name, "sethostname")) return sethostname("evil", 4);
    if (!strcmp(name, "open_by_handle_at")) return handle_at();
    if (!strcmp(name, "chroot-escape")) return chroot_escape();
    if (!strcmp(name, "block-device")) return block_device();
    if (!strcmp(name, "memory-device")) return memory_device();
    if (!strcmp(name, "ptrace-1")) return ptrace(PTRACE_ATTACH, 1, 0, 0);
    if (!strcmp(name, "read-1")) return vm_read(1);
    if (!strcmp(name, "getfd-1")) return getfd(1, 3);
    if (!strcmp(name, "mem-1")) return open("/proc/1/mem", O_RDONLY);
    if (!strcmp(name, "root-1")) return open("/proc/1/root/raw", O_RDONLY);
    if (!strcmp(name, "fd-1")) return readlink("/proc/1/fd/3", stolen, sizeof stolen);
    if (!strcmp(name, "kill-1")) return kill(1, SIGKILL);
    if (!strcmp(name, "keyctl")) return syscall(SYS_keyctl, 0, -3, 0);
    if (!strcmp(name, "add_key")) return syscall(SYS_add_key, "user", "x", "y", 1, -3);
    if (!strcmp(name, "af-alg")) return socket(38, SOCK_SEQPACKET, 0);
    if (!strcmp(name, "af-vsock")) return socket(40, SOCK_STREAM, 0);
    if (!strcmp(name, "af-packet")) return socket(17, SOCK_RAW, 0);
    if (!strcmp(name, "personality")) return syscall(SYS_personality, 0x40000);
    if (!strcmp(name, "io_uring")) { char params[120] = {0}; return syscall(425, 4, params); }
    if (!strcmp(name, "bpf")) { char attr[144] = {0}; return syscall(SYS_bpf, 5, attr, sizeof attr); }
    if (!strcmp(name, "userfaultfd")) return syscall(SYS_userfaultfd, 0);
    if (!strcmp(name, "perf")) { char attr[128] = {0}; return syscall(SYS_perf_event_open, attr, 0, -1, -1, 0); }
    if (!strcmp(name, "kexec")) return syscall(SYS_kexec_load, 0, 0, 0, 0);
    if (!strcmp(name, "init_module")) return syscall(SYS_init_module, 0, 0, "");
    if (!strcmp(name, "reboot")) return syscall(SYS_reboot, 0xfee1dead, 672274793, 0, 0); /* CAD_OFF: harmless */
    if (!strcmp(name, "swapon")) return syscall(SYS_swapon, "/nothing", 0);
    if (!strcmp(name, "syslog")) return syscall(SYS_syslog, 3, stolen, 64);
    if (!strcmp(name, "quotactl")) return syscall(SYS_quotactl, 0, 0, 0, 0);
    if (!strcmp(name, "acct")) return syscall(SYS_acct, 0);
#ifdef __x86_64__
    if (!strcmp(name, "i386-mount")) return i386_mount();
    if (!strcmp(name, "x32-mount")) return x32_mount();
    if (!strcmp(name, "iopl")) return syscall(SYS_iopl, 3);
#endif
    if (!strcmp(name, "tiocsti")) { char c = 'x'; return ioctl(0, TIOCSTI, &c); }
    if (!strcmp(name, "setuid-root")) return geteuid() == 0 ? 0 : (errno = EPERM, -1);
    fprintf(stderr, "no attempt %s\n", name);
    exit(2);
}

int main(int count, char **names) {
    struct statfs root;
    const char *container = getenv("container");
    if (container == NULL || strcmp(container, "aestus") || statfs("/", &root) < 0 || root.f_type != 0x794c7630) {
        fputs("not inside a container: nothing is tried\n", stderr);
        return 3;
    }
    for (int i = 1; i < count; i++) {
        fflush(stdout);
        pid_t pid = fork(); /* each in a process of its own: what one succeeds in does not help the next */
        if (pid == 0) {
            errno = 0;
            long result = attempt(names[i]);
            printf("%s %s\n", names[i], result < 0 ? strerrorname_np(errno) : "ok");
            fflush(stdout);
            _exit(0);
        }
        int status;
        waitpid(pid, &status, 0);
        if (WIFSIGNALED(status)) printf("%s signal %d\n", names[i], WTERMSIG(status));
        else if (WEXITSTATUS(status)) return WEXITSTATUS(status);
    }
    return 0;
}
