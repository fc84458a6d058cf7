/* Stands where the dynamic linker is looked for, and says which program it was to link: for one of the host's, that would be
   a program of the host in the hands of an image. Freestanding, for x86-64. */
static long call(long number, long a, long b, long c, long d) {
    long result;
    register long r10 __asm__("r10") = d;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10) : "rcx", "r11", "memory");
    return result;
}

void _start(void) {
    static const char before[] = "given ";
    char path[256];
    long length = call(267, -100, (long) "/proc/self/exe", (long) path, sizeof path); /* readlinkat */
    call(1, 1, (long) before, sizeof before - 1, 0);
    call(1, 1, (long) path, length < 0 ? 0 : length, 0);
    call(231, 0, 0, 0, 0);
}
