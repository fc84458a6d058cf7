/*
 * What the kernel itself takes for a pod with one app: the same namespaces, cgroups, mounts, filter and capabilities that the
 * executor gives them, asked for with as few calls as will do and nothing around. The benchmarks compare the executor with it.
 *
 * usage: floor ROOTFS WORK    prints the names of its stages, then for each line it reads what they took, in nanoseconds
 *
 * A round launches the pod's first process and /bin/true in it and waits for its exit; then it removes everything. The first
 * process is an executable of a few bytes in memory, as the executor's is. A second thread writes the maps of user namespaces,
 * since the first one is held by CLONE_VFORK meanwhile; both live through all rounds.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BASE 0x60000000
#define SIZE 65536
#define CLONE_NEWCGROUP_ 0x02000000
#define NODEV_ETC (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)
#define CHECK(call) ok((long)(call), #call)

/* The child shares our memory, so it can say by this what went wrong. */
static const char *volatile failed;
static volatile int failed_errno;
static pid_t self;
static int first_pidfd = -1;

static void die(void)
{
    if (first_pidfd >= 0)
        syscall(SYS_pidfd_send_signal, first_pidfd, SIGKILL, 0, 0);
    fprintf(stderr, "floor: %s: %s\n", failed, strerror(failed_errno));
    exit(1);
}

static long ok(long result, const char *what)
{
    if (result != -1)
        return result;
    failed = what;
    failed_errno = errno;
    if (getpid() == self)
        die();
    _exit(125);
}

static char rootfs[PATH_MAX], work[PATH_MAX], skeleton[PATH_MAX];

/* ---- the clock: where the time of a launch goes */

#define STAGES(stage)                                                                                                     \
    stage(POD_FILES, "pod: directories, cgroup, template of its mounts")                                                  \
    stage(POD_CLONE, "pod: clone with seven namespaces")                                                                  \
    stage(POD_MAPS, "pod: maps of its user namespace")                                                                    \
    stage(POD_MOUNTS, "pod: proc, sysfs, mqueue, covers, new root")                                                       \
    stage(POD_EXEC, "pod: filter, first process executed")                                                                \
    stage(APP_CGROUP, "app: pipes, cgroups, device rules")                                                                \
    stage(APP_OVERLAY, "app: id-mapped layers, overlay")                                                                  \
    stage(APP_DEVICES, "app: dev, devpts, places of mounts")                                                              \
    stage(APP_CLONE, "app: clone, join cgroups and namespaces")                                                           \
    stage(APP_MOUNTS, "app: mount namespace, new root")                                                                   \
    stage(APP_EXEC, "app: filter, capabilities, executed")                                                                \
    stage(APP_RUN, "app: runs, and ends")                                                                                 \
    stage(REMOVAL, "removal: mounts, first process, cgroups, files")
#define NAME(name, label) name,
#define LABEL(name, label) label,
enum stage { STAGES(NAME) STAGE_COUNT };
static const char *const labels[] = {STAGES(LABEL)};
static volatile int64_t ended[STAGE_COUNT];

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* Also called by children: they share our memory. */
static void end(enum stage stage)
{
    ended[stage] = now();
}

/* ---- cgroups: those that every app needs, as the host has them mounted */

#define MOST 16
static struct { char root[256]; int is_devices, is_unified; } hierarchies[MOST];
static int count;

static void find_hierarchies(void)
{
    FILE *mounts = fopen("/proc/self/mounts", "r");
    char type[64], path[200], options[512];
    while (mounts && count < MOST && fscanf(mounts, "%*s %199s %63s %511s %*d %*d", path, type, options) == 3) {
        int is_devices = !!strstr(options, "devices"), is_unified = !strcmp(type, "cgroup2");
        if (strncmp(type, "cgroup", 6) || !(is_devices || is_unified || strstr(options, "memory")))
            continue;
        snprintf(hierarchies[count].root, 256, "%s/aestus-bench", path);
        mkdir(hierarchies[count].root, 0755);
        hierarchies[count].is_devices = is_devices;
        hierarchies[count].is_unified = is_unified;
        count++;
    }
}

static void spit(const char *directory, const char *file, const char *const *texts, size_t texts_count)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", directory, file);
    int fd = CHECK(open(path, O_WRONLY | O_CLOEXEC));
    for (size_t i = 0; i < texts_count; i++)
        CHECK(write(fd, texts[i], strlen(texts[i])));
    close(fd);
}

static const char *const allowed[] = {"c *:* m", "b *:* m", "c 1:3 rwm", "c 1:5 rwm", "c 1:7 rwm", "c 1:8 rwm",
                                      "c 1:9 rwm", "c 5:0 rwm", "c 5:2 rwm", "c 136:* rwm"};

static void make_cgroup(const char *name, int is_app)
{
    char path[PATH_MAX];
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", hierarchies[i].root, name);
        CHECK(mkdir(path, 0755));
        if (is_app && hierarchies[i].is_devices) {
            spit(path, "devices.deny", (const char *const[]){"a"}, 1);
            spit(path, "devices.allow", allowed, sizeof allowed / sizeof *allowed);
        }
    }
}

/* A child is born into its cgroup of version 2. Those of version 1 it joins as a thread, which takes no lock on all forks. */
static int birthplace;
static int members[MOST], member_count;

static void open_cgroup(const char *name, int is_limited)
{
    char path[PATH_MAX];
    birthplace = -1;
    member_count = 0;
    for (int i = 0; i < count; i++) {
        if (!is_limited && !hierarchies[i].is_unified)
            continue;
        snprintf(path, sizeof path, "%s/%s%s", hierarchies[i].root, name, hierarchies[i].is_unified ? "" : "/tasks");
        int fd = CHECK(open(path, hierarchies[i].is_unified ? O_PATH | O_DIRECTORY | O_CLOEXEC : O_WRONLY | O_CLOEXEC));
        if (hierarchies[i].is_unified)
            birthplace = fd;
        else
            members[member_count++] = fd;
    }
}

static void close_cgroup(void)
{
    if (birthplace >= 0)
        close(birthplace);
    for (int i = 0; i < member_count; i++)
        close(members[i]);
}

static void join_cgroups(void)
{
    for (int i = 0; i < member_count; i++)
        CHECK(write(members[i], "0", 1));
}

static void remove_cgroup(const char *name)
{
    char path[PATH_MAX];
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", hierarchies[i].root, name);
        while (rmdir(path) && errno == EBUSY)
            usleep(100);
    }
}

/* ---- mounts */

static int mounted(const char *type, unsigned attributes, const char *const *options)
{
    int context = CHECK(syscall(SYS_fsopen, type, FSOPEN_CLOEXEC));
    for (; options && *options; options += 2)
        CHECK(syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, options[0], options[1], 0));
    CHECK(syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, 0, 0, 0));
    int mount = CHECK(syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, attributes));
    close(context);
    return mount;
}

static void attach(int mount, int target, const char *path)
{
    CHECK(syscall(SYS_move_mount, mount, "", target, path,
                  MOVE_MOUNT_F_EMPTY_PATH | (*path ? 0 : MOVE_MOUNT_T_EMPTY_PATH)));
}

static void change(int mount, unsigned flags, uint64_t set, uint64_t propagation, int users)
{
    struct mount_attr attributes = {.attr_set = set, .propagation = propagation, .userns_fd = users};
    CHECK(syscall(SYS_mount_setattr, mount, "", AT_EMPTY_PATH | flags, &attributes, sizeof attributes));
}

static int copy(int directory, const char *path, unsigned flags)
{
    return CHECK(syscall(SYS_open_tree, directory, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | flags));
}

static int find(int directory, const char *path)
{
    struct open_how how = {.flags = O_PATH | O_CLOEXEC | O_NOFOLLOW,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
    return syscall(SYS_openat2, directory, path, &how, sizeof how);
}

static void change_root(int root)
{
    CHECK(fchdir(root));
    CHECK(syscall(SYS_pivot_root, ".", "."));
    CHECK(syscall(SYS_umount2, ".", 2 /* MNT_DETACH */));
    CHECK(chdir("/"));
}

/* ---- confinement */

static struct sock_filter first_filter[32], app_filter[128];
static struct sock_fprog first_program = {.filter = first_filter}, app_program = {.filter = app_filter};

/* A binary search among ranges of calls, all of which are allowed here: what counts is the length. */
static int search(struct sock_filter *filter, int at, int low, int high)
{
    if (high - low == 1) {
        filter[at] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
        return at + 1;
    }
    int middle = (low + high) / 2;
    int right = search(filter, at + 1, low, middle);
    filter[at] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, middle * 9, right - at - 1, 0);
    return search(filter, right, middle, high);
}

static void make_filter(struct sock_fprog *program, int ranges)
{
    program->filter[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0);
    program->len = search(program->filter, 1, 0, ranges);
}

static void drop(uint64_t kept)
{
    for (int i = 0; i <= CAP_LAST_CAP; i++)
        if (!(kept >> i & 1))
            CHECK(prctl(PR_CAPBSET_DROP, i, 0, 0, 0));
}

static void set_capabilities(uint64_t kept)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{kept, kept, 0}, {kept >> 32, kept >> 32, 0}};
    CHECK(syscall(SYS_capset, &header, data));
    CHECK(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
}

static void become_root(int groups)
{
    gid_t none = 0;
    CHECK(syscall(SYS_setgroups, groups, &none));
    CHECK(syscall(SYS_setresgid, 0, 0, 0));
    CHECK(syscall(SYS_setresuid, 0, 0, 0));
}

static void unblock_signals(void)
{
    uint64_t none = 0;
    CHECK(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, 0, 8));
}

/* ---- launching */

struct launch {
    void (*child)(void);
    uint64_t flags;
    int pidfd;
    pid_t pid;
};

/* Known before the child runs. */
static volatile pid_t launched;
static int parent_end, child_end;

/* In the child this never returns: it runs on our stack while we wait. */
static __attribute__((noinline)) void launch(struct launch *launch)
{
    int pidfd = -1;
    struct clone_args arguments = {.flags = launch->flags | CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_PARENT_SETTID |
                                            CLONE_CLEAR_SIGHAND | (birthplace >= 0 ? CLONE_INTO_CGROUP : 0),
                                   .pidfd = (uintptr_t)&pidfd,
                                   .parent_tid = (uintptr_t)&launched,
                                   .exit_signal = SIGCHLD,
                                   .cgroup = birthplace >= 0 ? birthplace : 0};
    failed = NULL;
#if defined(__x86_64__)
    long result = SYS_clone3;
    __asm__ volatile("syscall" : "+a"(result) : "D"(&arguments), "S"(sizeof arguments) : "rcx", "r11", "memory");
#elif defined(__aarch64__)
    register long number __asm__("x8") = SYS_clone3;
    register long result __asm__("x0") = (long)&arguments;
    register long size __asm__("x1") = sizeof arguments;
    __asm__ volatile("svc 0" : "+r"(result) : "r"(number), "r"(size) : "memory");
#endif
    if (result == 0) {
        launch->child();
        _exit(126);
    }
    if (result < 0) {
        failed = "clone3";
        failed_errno = -result;
    }
    if (failed)
        die();
    launch->pidfd = pidfd;
    launch->pid = launched;
}

static void *write_maps(void *unused)
{
    char path[64], line[64], word;
    const char *const text = line;
    snprintf(line, sizeof line, "0 %d %d\n", BASE, SIZE);
    while (CHECK(read(parent_end, &word, 1)) == 1) {
        snprintf(path, sizeof path, "/proc/%d", launched);
        spit(path, "uid_map", &text, 1);
        spit(path, "gid_map", &text, 1);
        CHECK(write(parent_end, &word, 1));
    }
    return unused;
}

/* ---- the pod */

static int template_root, shm, keeper[2], first_image, nothing;
static const char *hostname = "aestus-00000000-0000-0000-0000-000000000000";

static const char *const read_only[] = {"bus", "fs", "irq", "sys"};
static const char *const masked_proc[] = {"acpi", "asound", "config.gz", "interrupts", "kallsyms", "kcore", "keys", "kmem",
                                          "latency_stats", "mem", "sched_debug", "scsi", "timer_list", "timer_stats"};
static const char *const masked_sys[] = {"devices/virtual/powercap", "firmware", "fs", "hypervisor", "module", "power"};

static void cover(int mount, const char *const *paths, size_t paths_count)
{
    for (size_t i = 0; i < paths_count; i++) {
        struct stat status;
        int target = find(mount, paths[i]);
        if (target < 0)
            continue;
        CHECK(fstat(target, &status));
        attach(copy(AT_FDCWD, S_ISDIR(status.st_mode) ? "/empty" : "/null", 0), target, "");
    }
}

static void first_child(void)
{
    char word = 'r';
    end(POD_CLONE);
    CHECK(write(child_end, &word, 1));
    CHECK(read(child_end, &word, 1));
    end(POD_MAPS);
    join_cgroups();
    become_root(0);
    syscall(SYS_keyctl, 1 /* KEYCTL_JOIN_SESSION_KEYRING */, 0);
    CHECK(sethostname(hostname, strlen(hostname)));
    struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int socket_ = CHECK(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    CHECK(ioctl(socket_, SIOCSIFFLAGS, &loopback));
    CHECK(syscall(SYS_mount, 0, "/", 0, 0x4000 | 0x40000 /* MS_REC | MS_PRIVATE */, 0));
    attach(template_root, AT_FDCWD, "/");
    CHECK(fchdir(template_root));
    attach(mounted("proc", NODEV_ETC, NULL), AT_FDCWD, "raw/proc");
    attach(copy(AT_FDCWD, "raw/proc", AT_RECURSIVE), AT_FDCWD, "proc");
    attach(mounted("sysfs", NODEV_ETC, NULL), AT_FDCWD, "raw/sys");
    int sys = copy(AT_FDCWD, "raw/sys", AT_RECURSIVE);
    change(sys, AT_RECURSIVE, MOUNT_ATTR_RDONLY, 0, 0);
    attach(sys, AT_FDCWD, "sys");
    attach(mounted("mqueue", NODEV_ETC, NULL), AT_FDCWD, "mqueue");
    attach(shm, AT_FDCWD, "shm");
    change(template_root, 0, MOUNT_ATTR_RDONLY, 0, 0);
    change_root(template_root);
    int proc = CHECK(open("/proc", O_PATH | O_CLOEXEC));
    for (size_t i = 0; i < sizeof read_only / sizeof *read_only; i++) {
        int target = CHECK(find(proc, read_only[i]));
        int tree = copy(target, "", AT_EMPTY_PATH);
        change(tree, 0, MOUNT_ATTR_RDONLY, 0, 0);
        attach(tree, target, "");
    }
    cover(proc, masked_proc, sizeof masked_proc / sizeof *masked_proc);
    cover(CHECK(open("/sys", O_PATH | O_CLOEXEC)), masked_sys, sizeof masked_sys / sizeof *masked_sys);
    end(POD_MOUNTS);
    CHECK(setsid());
    struct { uint64_t handler, flags, restorer, mask; } ignore = {.handler = 1 /* SIG_IGN */};
    CHECK(syscall(SYS_rt_sigaction, SIGCHLD, &ignore, 0, 8));
    set_capabilities(0);
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    unblock_signals();
    for (int i = 0; i < 3; i++)
        CHECK(dup3(nothing, i, 0));
    CHECK(dup3(keeper[0], 3, 0));
    CHECK(dup3(keeper[1], 4, 0));
    CHECK(syscall(SYS_close_range, 5, ~0U, CLOSE_RANGE_CLOEXEC));
    CHECK(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &first_program));
    char *arguments[] = {"floor-pod", NULL}, *none[] = {NULL};
    CHECK(syscall(SYS_execveat, first_image, "", arguments, none, AT_EMPTY_PATH));
}

static const char *const directories[] = {"raw", "raw/proc", "raw/sys", "proc", "sys", "mqueue", "shm", "app", "etc",
                                          "empty", "empty/cgroup"};
static const char *const root_options[] = {"source", "floor", "mode", "0755", "size", "64k", NULL};
static const char *const shm_options[] = {"source", "shm", "mode", "1777", "size", "65536k", NULL};
static const char *const dev_options[] = {"source", "dev", "mode", "0755", "size", "65536k", NULL};
static const char *const etc_files[] = {"resolv.conf", "hosts", "hostname"};

static void start_pod(struct launch *first)
{
    char path[PATH_MAX];
    CHECK(mkdirat(AT_FDCWD, strcat(strcpy(path, work), "/pod"), 0755));
    CHECK(mkdirat(AT_FDCWD, strcat(strcpy(path, work), "/pod/app"), 0755));
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, keeper));
    make_cgroup("floor", 0);
    template_root = mounted("tmpfs", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, root_options);
    for (size_t i = 0; i < sizeof directories / sizeof *directories; i++)
        CHECK(mkdirat(template_root, directories[i], 0755));
    CHECK(mknodat(template_root, "null", S_IFCHR | 0666, makedev(1, 3)));
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "etc/%s", etc_files[i]);
        int file = CHECK(openat(template_root, path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644));
        CHECK(write(file, "127.0.0.1\tlocalhost\n", 20));
        CHECK(fchown(file, BASE, BASE));
        close(file);
    }
    shm = mounted("tmpfs", NODEV_ETC, shm_options);
    CHECK(fchownat(shm, "", BASE, BASE, AT_EMPTY_PATH));
    open_cgroup("floor", 0);
    end(POD_FILES);
    *first = (struct launch){.child = first_child,
                             .flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWNS | CLONE_NEWCGROUP_ |
                                      CLONE_NEWNET | CLONE_NEWIPC};
    launch(first);
    end(POD_EXEC);
    first_pidfd = first->pidfd;
    close_cgroup();
    close(template_root);
    close(shm);
    close(keeper[0]);
    close(keeper[1]);
}

/* ---- the app */

static int overlay, app_mounts, layers[2], out[2], err[2];

/* A part is a mount of ours, one of the pod's that is moved, or a file of the pod's of which a copy is attached. */
enum kind { ATTACHED, MOVED, COPIED };
#define MOST_PARTS 16
static struct { enum kind kind; int mount; const char *from; int target; } parts[MOST_PARTS];
static int part_count;

#define STANDARD_CAPABILITIES 0xa80425fbULL

static void app_child(void)
{
    join_cgroups();
    CHECK(setns(first_pidfd, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS));
    become_root(0);
    syscall(SYS_keyctl, 1, 0);
    end(APP_CLONE);
    CHECK(unshare(CLONE_NEWNS | CLONE_NEWCGROUP_));
    for (int i = 0; i < 2; i++) /* so that they go with the old root: the kernel waits for each that goes by itself */
        attach(layers[i], AT_FDCWD, "/app");
    attach(overlay, AT_FDCWD, "/app");
    for (int i = 0; i < part_count; i++) {
        switch (parts[i].kind) {
        case ATTACHED: attach(parts[i].mount, parts[i].target, ""); break;
        case MOVED:
            CHECK(syscall(SYS_move_mount, AT_FDCWD, parts[i].from, parts[i].target, "", MOVE_MOUNT_T_EMPTY_PATH));
            break;
        case COPIED: attach(copy(AT_FDCWD, parts[i].from, 0), parts[i].target, ""); break;
        }
    }
    change_root(overlay);
    end(APP_MOUNTS);
    CHECK(setsid());
    CHECK(dup3(nothing, 0, 0));
    CHECK(dup3(out[1], 1, 0));
    CHECK(dup3(err[1], 2, 0));
    umask(022);
    unblock_signals();
    CHECK(syscall(SYS_close_range, 3, ~0U, 0));
    drop(STANDARD_CAPABILITIES);
    CHECK(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &app_program));
    become_root(1);
    set_capabilities(STANDARD_CAPABILITIES);
    CHECK(chdir("/"));
    char *arguments[] = {"/bin/true", NULL};
    char *environment[] = {"PATH=/bin", "HOME=/root", "AC_APP_NAME=true", "container=floor", NULL};
    CHECK(execve("/bin/true", arguments, environment));
}

static void part(enum kind kind, int mount, const char *from, int target)
{
    parts[part_count++] = (typeof(*parts)){kind, mount, from, target};
}

static int own_directory(int parent, const char *name)
{
    if (mkdirat(parent, name, 0755) == 0)
        CHECK(fchownat(parent, name, BASE, BASE, AT_SYMLINK_NOFOLLOW));
    return CHECK(find(parent, name));
}

static void make_root(int users)
{
    char path[PATH_MAX], group[16];
    part_count = 0;
    snprintf(path, sizeof path, "%s/pod/app", work);
    int place = CHECK(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    int context = CHECK(syscall(SYS_fsopen, "overlay", FSOPEN_CLOEXEC));
    for (int i = 0; i < 2; i++) {
        layers[i] = copy(AT_FDCWD, i ? skeleton : rootfs, 0);
        change(layers[i], 0, MOUNT_ATTR_IDMAP, 0, users);
        CHECK(syscall(SYS_fsconfig, context, FSCONFIG_SET_FD, "lowerdir+", 0, layers[i]));
    }
    int upper = own_directory(place, "upper"), scratch = own_directory(place, "work");
    int upper_open = CHECK(openat(upper, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    int scratch_open = CHECK(openat(scratch, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    CHECK(syscall(SYS_fsconfig, context, FSCONFIG_SET_FD, "upperdir", 0, upper_open));
    CHECK(syscall(SYS_fsconfig, context, FSCONFIG_SET_FD, "workdir", 0, scratch_open));
    CHECK(syscall(SYS_fsconfig, context, FSCONFIG_SET_FLAG, "volatile", 0, 0));
    CHECK(syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, 0, 0, 0));
    overlay = CHECK(syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0));
    close(context), close(upper), close(scratch), close(upper_open), close(scratch_open), close(place);
    end(APP_OVERLAY);

    part(MOVED, -1, "/proc", CHECK(find(overlay, "proc")));
    part(MOVED, -1, "/sys", CHECK(find(overlay, "sys")));
    int dev = mounted("tmpfs", MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME, dev_options);
    static const struct { const char *name; int major, minor; } nodes[] = {
        {"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}};
    for (int i = 0; i < 6; i++) {
        CHECK(mknodat(dev, nodes[i].name, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)));
        CHECK(fchownat(dev, nodes[i].name, BASE, BASE, AT_SYMLINK_NOFOLLOW));
    }
    CHECK(symlinkat("pts/ptmx", dev, "ptmx"));
    CHECK(symlinkat("/proc/self/fd", dev, "fd"));
    CHECK(symlinkat("/proc/self/fd/0", dev, "stdin"));
    CHECK(symlinkat("/proc/self/fd/1", dev, "stdout"));
    CHECK(symlinkat("/proc/self/fd/2", dev, "stderr"));
    CHECK(mkdirat(dev, "pts", 0755));
    CHECK(mkdirat(dev, "shm", 0755));
    CHECK(mkdirat(dev, "mqueue", 0755));
    CHECK(fchownat(dev, "", BASE, BASE, AT_EMPTY_PATH));
    part(ATTACHED, dev, NULL, CHECK(find(overlay, "dev")));
    snprintf(group, sizeof group, "%d", BASE + 5);
    const char *const pts_options[] = {"ptmxmode", "0666", "mode", "0620", "gid", group, NULL};
    part(ATTACHED, mounted("devpts", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, pts_options), NULL, CHECK(find(dev, "pts")));
    part(MOVED, -1, "/shm", CHECK(find(dev, "shm")));
    part(MOVED, -1, "/mqueue", CHECK(find(dev, "mqueue")));
    static const char *const sources[] = {"/etc/resolv.conf", "/etc/hosts", "/etc/hostname"};
    for (int i = 0; i < 3; i++)
        part(COPIED, -1, sources[i], CHECK(find(overlay, sources[i] + 1)));
    end(APP_DEVICES);
}

static void start_app(struct launch *first, struct launch *app, int own_pids)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/user", first->pid);
    int users = CHECK(open(path, O_RDONLY | O_CLOEXEC));
    CHECK(pipe2(out, O_CLOEXEC));
    CHECK(pipe2(err, O_CLOEXEC));
    CHECK(fchown(out[1], BASE, BASE));
    CHECK(fchown(err[1], BASE, BASE));
    make_cgroup("floor/app", 1);
    open_cgroup("floor/app", 1);
    end(APP_CGROUP);
    make_root(users);
    CHECK(setns(first_pidfd, CLONE_NEWPID));
    *app = (struct launch){.child = app_child};
    launch(app);
    end(APP_EXEC);
    CHECK(setns(own_pids, CLONE_NEWPID));
    /* As long as somebody has its mounts, its end does not wait for their unmounting. */
    app_mounts = ioctl(app->pidfd, _IO(0xff, 3) /* PIDFD_GET_MNT_NAMESPACE, Linux 6.11 */, 0);
    close_cgroup();
    for (int i = 0; i < part_count; i++) {
        if (parts[i].mount >= 0)
            close(parts[i].mount);
        close(parts[i].target);
    }
    close(overlay);
    close(layers[0]);
    close(layers[1]);
    close(users);
    close(out[1]);
    close(err[1]);
}

/* ---- rounds */

static void reap(struct launch *process, int expected)
{
    siginfo_t info;
    CHECK(waitid(P_PIDFD, process->pidfd, &info, WEXITED));
    if (info.si_status != expected) {
        fprintf(stderr, "floor: a process ended with %d\n", info.si_status);
        exit(1);
    }
}

static int unlink_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status, (void)type, (void)walk;
    return remove(path);
}

static void round_(int own_pids)
{
    struct launch first, app;
    int64_t begin = now();
    start_pod(&first);
    start_app(&first, &app, own_pids);
    reap(&app, 0);
    end(APP_RUN);
    if (app_mounts >= 0)
        close(app_mounts);
    close(out[0]);
    close(err[0]);
    close(app.pidfd);
    CHECK(syscall(SYS_pidfd_send_signal, first.pidfd, SIGKILL, 0, 0));
    reap(&first, SIGKILL);
    close(first.pidfd);
    first_pidfd = -1;
    remove_cgroup("floor/app");
    remove_cgroup("floor");
    char path[PATH_MAX];
    nftw(strcat(strcpy(path, work), "/pod"), unlink_entry, 16, FTW_DEPTH | FTW_PHYS);
    end(REMOVAL);
    for (int i = 0; i < STAGE_COUNT; i++)
        printf("%lld%c", (long long)(ended[i] - (i ? ended[i - 1] : begin)), i + 1 < STAGE_COUNT ? '\t' : '\n');
    fflush(stdout);
}

/* An executable that takes away everybody's right to look into it and then waits for ever. */
static int make_first_image(void)
{
#if defined(__x86_64__)
    static const unsigned char code[] = {0xb8, 157, 0, 0, 0, 0xbf, 4, 0, 0, 0, 0x31, 0xf6, 0x0f, 0x05, 0xb8, 0x0f, 1, 0, 0,
                                         0x31, 0xff, 0x31, 0xf6, 0x31, 0xd2, 0x4d, 0x31, 0xd2, 0x0f, 0x05, 0xeb, 0xee};
    int machine = EM_X86_64;
#else
    static const uint32_t code[] = {0xd28014e8, 0xd2800080, 0xd2800001, 0xd4000001, 0xd2800928, 0xd2800000,
                                    0xd2800001, 0xd2800002, 0xd2800003, 0xd4000001, 0x17fffffa};
    int machine = EM_AARCH64;
#endif
    struct { Elf64_Ehdr header; Elf64_Phdr segment; unsigned char code[sizeof code]; } image = {
        .header = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT}, .e_type = ET_EXEC,
                   .e_machine = machine, .e_version = EV_CURRENT, .e_entry = 0x400000 + 120, .e_phoff = 64, .e_ehsize = 64,
                   .e_phentsize = 56, .e_phnum = 1},
        .segment = {.p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_vaddr = 0x400000, .p_paddr = 0x400000,
                    .p_filesz = sizeof image, .p_memsz = sizeof image, .p_align = 4096}};
    memcpy(image.code, code, sizeof code);
    int made = CHECK(memfd_create("floor-pod", MFD_ALLOW_SEALING));
    CHECK(write(made, &image, sizeof image));
    CHECK(fcntl(made, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE));
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", made);
    int image_ = CHECK(open(path, O_RDONLY | O_CLOEXEC));
    close(made);
    return fcntl(image_, F_DUPFD_CLOEXEC, 10);
}

/* The lowest layer of every root: the places of the mounts that an image may lack. */
static void make_skeleton(void)
{
    static const char *const places[] = {"", "/proc", "/sys", "/dev", "/etc"};
    char path[PATH_MAX];
    snprintf(skeleton, sizeof skeleton, "%s/skeleton", work);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(path, sizeof path, "%s%s", skeleton, places[i]);
        mkdir(path, 0755);
    }
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/etc/%s", skeleton, etc_files[i]);
        close(CHECK(open(path, O_CREAT | O_RDONLY | O_CLOEXEC, 0644)));
    }
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: floor ROOTFS WORK\n");
        return 2;
    }
    self = getpid();
    CHECK(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
    snprintf(rootfs, sizeof rootfs, "%s", argv[1]);
    snprintf(work, sizeof work, "%s", argv[2]);
    find_hierarchies();
    remove_cgroup("floor/app"); /* left by one that failed */
    remove_cgroup("floor");
    make_skeleton();
    make_filter(&first_program, 11);
    make_filter(&app_program, 45);
    first_image = make_first_image();
    nothing = CHECK(fcntl(CHECK(open("/dev/null", O_RDONLY | O_CLOEXEC)), F_DUPFD_CLOEXEC, 10));
    int own_pids = CHECK(open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC));
    int ends[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
    parent_end = fcntl(ends[0], F_DUPFD_CLOEXEC, 10);
    child_end = fcntl(ends[1], F_DUPFD_CLOEXEC, 10);
    pthread_t thread;
    if (pthread_create(&thread, NULL, write_maps, NULL))
        return 1;
    for (int i = 0; i < STAGE_COUNT; i++)
        printf("%s%c", labels[i], i + 1 < STAGE_COUNT ? '\t' : '\n');
    fflush(stdout);
    char line[16];
    while (fgets(line, sizeof line, stdin))
        round_(own_pids);
    return 0;
}
