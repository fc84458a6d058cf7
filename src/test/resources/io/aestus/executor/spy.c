/* Looks into, or stops, every process that appears in its pod, as fast as it can. Prints what it got that it must not get, and
   when it is asked to end (SIGTERM) how many it saw. It refuses to run anywhere but in a container. Argument: look or stop. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#define DESCRIPTORS 512

static volatile sig_atomic_t over;
static long seen;

static void end(int signal) {
    (void)signal;
    over = 1;
}

/* What a file of /proc says of a process, or nothing. */
static const char *told(pid_t pid, const char *file) {
    static char text[65536];
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
    int fd = open(path, O_RDONLY);
    long length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0) close(fd);
    text[length < 0 ? 0 : length] = 0;
    return text;
}

/* The agent's mappings, whatever it is called: no app of these tests has a Java virtual machine in it. */
static void look_at_memory(pid_t pid, const char *how) {
    const char *maps = told(pid, "maps");
    if (!strstr(maps, "libjvm")) return;
    unsigned long from = strtoul(maps, NULL, 16);
    char byte;
    struct iovec here = {&byte, 1}, there = {(void *)from, 1};
    int got = process_vm_readv(pid, &here, 1, &there, 1, 0) == 1;
    printf("memory of the agent, %s: %s\n", how, got ? "read" : "its mappings");
}

static void look_at_program(pid_t pid) {
    char path[64], target[256];
    snprintf(path, sizeof path, "/proc/%d/exe", pid);
    long length = readlink(path, target, sizeof target - 1);
    if (length <= 0) return;
    target[length] = 0;
    if (strstr(target, "java")) printf("the agent's program: %s\n", target);
}

static void look_at_descriptors(pid_t pid) {
    int process = syscall(SYS_pidfd_open, pid, 0);
    if (process < 0) return;
    for (int number = 3; number < DESCRIPTORS; number++) {
        int stolen = syscall(SYS_pidfd_getfd, process, number, 0);
        if (stolen >= 0) {
            char path[64], target[256] = "";
            snprintf(path, sizeof path, "/proc/self/fd/%d", stolen);
            if (readlink(path, target, sizeof target - 1) < 0) strcpy(target, "?");
            printf("descriptor %d: %s\n", number, target);
            close(stolen);
        }
    }
    close(process);
}

static void look(pid_t pid) {
    look_at_memory(pid, "from afar");
    look_at_program(pid);
    look_at_descriptors(pid);
    if (ptrace(PTRACE_SEIZE, pid, 0, 0) == 0) {
        look_at_memory(pid, "traced");
        ptrace(PTRACE_DETACH, pid, 0, 0); /* if it is not stopped it stays traced until it ends, which harms nobody */
    }
}

int main(int count, char **arguments) {
    struct statfs root;
    const char *container = getenv("container");
    if (container == NULL || strcmp(container, "aestus") || statfs("/", &root) < 0 || root.f_type != 0x794c7630) {
        fputs("not inside a container: nothing is tried\n", stderr);
        return 3;
    }
    int stops = count > 1 && !strcmp(arguments[1], "stop");
    signal(SIGTERM, end);
    setvbuf(stdout, NULL, _IOLBF, 0);
    puts("ready");
    pid_t self = getpid(), last = self;
    while (!over) {
        for (pid_t pid = last + 1; pid < last + 16; pid++) { /* numbers are given out in their order */
            if (kill(pid, stops ? SIGSTOP : 0) < 0 && access("/proc", X_OK) == 0 && *told(pid, "stat") == 0) continue;
            seen++;
            if (!stops) look(pid);
            last = pid;
            break;
        }
        waitpid(-1, NULL, WNOHANG | __WALL);
    }
    printf("seen %ld\n", seen);
    return 0;
}
