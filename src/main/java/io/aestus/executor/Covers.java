package io.aestus.executor;

import io.aestus.linux.ChildMounts;
import java.util.List;
import java.util.stream.Stream;

/**
 * Hides what apps must not see, by mounting an empty directory or a null device over it, and makes read-only what they must
 * not change. What lies in the kernel's file systems is covered in mounts of
 * ours, before an image is near; what lies in an image is found below its root by descriptor; and what covers comes from the
 * pod's template.
 */
final class Covers {
    /** Read-only for every app that is not privileged. */
    static final List<String> READ_ONLY =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    private static final List<String> MASKED_FILES = List.of(
            "/proc/config.gz",
            "/proc/interrupts",
            "/proc/kallsyms",
            "/proc/kcore",
            "/proc/keys",
            "/proc/kmem",
            "/proc/latency_stats",
            "/proc/mem",
            "/proc/sched_debug",
            "/proc/timer_list",
            "/proc/timer_stats");

    private static final List<String> MASKED_DIRECTORIES = List.of(
            "/proc/acpi",
            "/proc/asound",
            "/proc/scsi",
            "/sys/devices/virtual/powercap",
            "/sys/firmware",
            "/sys/fs",
            "/sys/hypervisor",
            "/sys/module",
            "/sys/power");

    /** Hidden from every app that is not privileged: what other runtimes hide, and what rkt hid. */
    static final List<String> MASKED =
            Stream.concat(MASKED_FILES.stream(), MASKED_DIRECTORIES.stream()).toList();

    /** What of it lies in {@code /proc}. */
    static final List<String> MASKED_PROCESSES =
            MASKED.stream().filter(path -> path.startsWith("/proc/")).toList();

    /** A file covers no directory and a directory no file: of the two one fits, whatever a kernel has at a path. */
    private static final List<String> BOTH_KINDS = List.of(PodTemplate.NULL, PodTemplate.EMPTY);

    private static final List<String> KERNELS = List.of("/proc", "/sys");

    private Covers() {}

    /** Adds the steps that cover what is usual, in a tree whose root is the child's own. */
    static void addUsual(ChildMounts mounts) {
        READ_ONLY.forEach(mounts::makeReadOnly);
        MASKED_FILES.forEach(path -> mounts.cover(path, PodTemplate.NULL));
        MASKED_DIRECTORIES.forEach(path -> mounts.cover(path, PodTemplate.EMPTY));
    }

    /** Adds the steps that cover paths in the tree that is attached at {@code root}; what is not there is left out. */
    static void addTo(ChildMounts mounts, String root, List<String> readOnly, List<String> masked) {
        for (String path : readOnly) {
            if (isElsewhere(path)) {
                mounts.makeReadOnlyInside(root, path);
            } else {
                mounts.makeReadOnly(root + path);
            }
        }
        for (String path : masked) {
            for (String with : BOTH_KINDS) {
                if (isElsewhere(path)) {
                    mounts.coverInside(root, path, with);
                } else {
                    mounts.coverIfSame(root + path, with);
                }
            }
        }
    }

    private static boolean isElsewhere(String path) {
        return path.startsWith("/")
                && path.length() > 1
                && KERNELS.stream().noneMatch(each -> path.startsWith(each + "/"));
    }
}
