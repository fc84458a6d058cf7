/* Looks, without a pause, into every process that appears beside it: reads its memory at the address given, by two ways, and
   takes its descriptors. It prints "ready", then whatever it got hold of. With "stop" as second argument it stops each instead.
   It refuses to run outside of a container. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { AHEAD = 24, SECRET = 16, DESCRIPTORS = 64 };

static void tell(const char *what, long pid, const char *detail) {
    char line[400];
    int length = snprintf(line, sizeof line, "%s of %ld: %s\n", what, pid, detail);
    if (write(1, line, length) < 0) _exit(1);
}

static void read_memory(long pid, uintptr_t address) {
    char got[SECRET + 1] = {0}, path[64];
    struct iovec mine = {got, SECRET}, theirs = {(void *) address, SECRET};
    if (process_vm_readv(pid, &mine, 1, &theirs, 1, 0) == SECRET) tell("memory", pid, got);
    snprintf(path, sizeof path, "/proc/%ld/mem", pid);
    int file = open(path, O_RDONLY);
    if (file < 0) return;
    if (pread(file, got, SECRET, address) == SECRET) tell("memory file", pid, got);
    close(file);
}

static void take_descriptors(long pid) {
    char path[64], target[200];
    int pidfd = syscall(434, pid, 0);
    if (pidfd < 0) return;
    for (int number = 3; number < DESCRIPTORS; number++) {
        int taken = syscall(438, pidfd, number, 0);
        if (taken < 0 && errno != EBADF) break;
        if (taken < 0) continue;
        snprintf(path, sizeof path, "/proc/self/fd/%d", taken);
        ssize_t length = readlink(path, target, sizeof target - 1);
        target[length < 0 ? 0 : length] = 0;
        tell("descriptor", pid, target);
        close(taken);
    }
    close(pidfd);
}

int main(int count, char **words) {
    struct statfs root;
    const char *container = getenv("container");
    if (container == NULL || strcmp(container, "aestus") || statfs("/", &root) < 0 || root.f_type != 0x794c7630) {
        fputs("not inside a container: nothing is tried\n", stderr);
        return 3;
    }
    uintptr_t address = strtoul(words[1], NULL, 0);
    int stops = count > 2 && !strcmp(words[2], "stop");
    long newest = getpid();
    if (write(1, "ready\n", 6) < 0) return 1;
    for (;;) {
        for (long pid = newest - AHEAD; pid < newest + AHEAD; pid++) {
            if (pid <= 1 || pid == getpid() || (kill(pid, 0) < 0 && errno == ESRCH)) continue;
            if (pid > newest) newest = pid;
            if (stops) {
                kill(pid, SIGSTOP);
                continue;
            }
            read_memory(pid, address);
            take_descriptors(pid);
        }
    }
}
