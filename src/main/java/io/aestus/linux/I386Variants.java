package io.aestus.linux;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What 32-bit programs call where 64-bit ones have a single call: variants for wider ids, files and times, and calls of
 * another name. {@code socketcall} is left out on purpose: it hides its arguments behind a pointer, so no filter can keep
 * it from address families that {@code socket} may not open; libraries have used the direct calls since Linux 4.3.
 */
final class I386Variants {
    private static final List<String> SUFFIXES = List.of("", "32", "64", "_time64", "_64");

    private static final Map<String, List<String>> OTHERWISE_NAMED = Map.ofEntries(
            Map.entry("wait4", List.of("waitpid")),
            Map.entry("lseek", List.of("_llseek")),
            Map.entry("mmap", List.of("mmap2")),
            Map.entry("select", List.of("_newselect")),
            Map.entry("getrlimit", List.of("ugetrlimit")),
            Map.entry("newfstatat", List.of("fstatat64")),
            Map.entry("rt_sigaction", List.of("sigaction", "signal")),
            Map.entry("rt_sigpending", List.of("sigpending")),
            Map.entry("rt_sigprocmask", List.of("sigprocmask")),
            Map.entry("rt_sigreturn", List.of("sigreturn")),
            Map.entry("rt_sigsuspend", List.of("sigsuspend")),
            Map.entry("setpriority", List.of("nice")),
            Map.entry("settimeofday", List.of("stime")),
            Map.entry("semop", List.of("ipc")),
            Map.entry("umount2", List.of("umount")));

    private I386Variants() {}

    /** Candidate names for {@code name}, itself among them; not each of them exists. */
    static Stream<String> of(String name) {
        Stream<String> suffixed = SUFFIXES.stream().map(name::concat);
        return Stream.concat(suffixed, OTHERWISE_NAMED.getOrDefault(name, List.of()).stream());
    }
}
