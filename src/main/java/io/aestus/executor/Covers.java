package io.aestus.executor;

import io.aestus.linux.ChildProgram;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Hides what apps must not see, by mounting an empty directory or a null device over it, and makes read-only what they must
 * not change. A path is found below a mount of ours, by descriptor, and what covers it comes from the pod's template:
 * whatever an image or a volume holds, it decides neither.
 */
final class Covers {
    /** Read-only for every app that is not privileged. */
    static final List<String> READ_ONLY =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    /** Hidden from every app that is not privileged: what other runtimes hide, and what rkt hid. */
    static final List<String> MASKED = List.of(
            "/proc/acpi",
            "/proc/asound",
            "/proc/config.gz",
            "/proc/interrupts",
            "/proc/kallsyms",
            "/proc/kcore",
            "/proc/keys",
            "/proc/kmem",
            "/proc/latency_stats",
            "/proc/mem",
            "/proc/sched_debug",
            "/proc/scsi",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/sys/devices/virtual/powercap",
            "/sys/firmware",
            "/sys/fs",
            "/sys/hypervisor",
            "/sys/module",
            "/sys/power");

    private static final List<String> KERNELS = List.of("/proc", "/sys");
    private static final Path ROOT = Path.of("/");

    private Covers() {}

    /** Adds the steps that cover paths in the tree that is attached at {@code root}; what is not there is left out. */
    static void addTo(ChildProgram child, String root, List<String> readOnly, List<String> masked) {
        for (String mount : KERNELS) {
            var open = child.openMount(root + mount);
            below(mount, readOnly).forEach(open::makeReadOnly);
            below(mount, masked)
                    .forEach(path ->
                            cover(open, path, ROOT.resolve(mount.substring(1)).resolve(path)));
        }
        List<String> elsewhere = masked.stream().filter(Covers::isElsewhere).toList();
        List<String> readOnlyElsewhere =
                readOnly.stream().filter(Covers::isElsewhere).toList();
        if (!elsewhere.isEmpty() || !readOnlyElsewhere.isEmpty()) {
            var open = child.openMount(root);
            readOnlyElsewhere.forEach(path -> open.makeReadOnly(path.substring(1)));
            for (String path : elsewhere) {
                open.cover(path.substring(1), PodTemplate.NULL);
                open.cover(path.substring(1), PodTemplate.EMPTY);
            }
        }
    }

    /** Host and pod have one kernel: what it does not show here it does not show there. */
    private static void cover(ChildProgram.OpenMount mount, String path, Path onHost) {
        if (Files.isDirectory(onHost)) {
            mount.cover(path, PodTemplate.EMPTY);
        } else if (Files.exists(onHost)) {
            mount.cover(path, PodTemplate.NULL);
        }
    }

    private static List<String> below(String mount, List<String> paths) {
        return paths.stream()
                .filter(path -> path.startsWith(mount + "/"))
                .map(path -> path.substring(mount.length() + 1))
                .toList();
    }

    private static boolean isElsewhere(String path) {
        return path.startsWith("/")
                && path.length() > 1
                && KERNELS.stream().noneMatch(each -> path.startsWith(each + "/"));
    }
}
