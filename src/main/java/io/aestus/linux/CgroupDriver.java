package io.aestus.linux;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import java.io.IOException;

/** Who makes the cgroups of pods whose parent is a slice of systemd. */
public enum CgroupDriver {
    /** We do, by the file system. */
    CGROUPFS,
    /** systemd does, as scopes, and leaves to us what is below. */
    SYSTEMD;

    private static final String SETTING = "aestus.cgroups";

    /**
     * Reads a setting: {@code cgroupfs}, {@code systemd}, or {@code auto} for the latter where it can.
     *
     * @throws AestusException {@link Problem#UNSUPPORTED} for systemd where it cannot
     */
    public static CgroupDriver of(String setting) throws IOException {
        return of(setting, CgroupLayout.of(MountInfo.all()).mode(), SystemdScope.isThere());
    }

    static CgroupDriver of(String setting, CgroupLayout.Mode mode, boolean hasSystemd) {
        boolean can = hasSystemd && mode == CgroupLayout.Mode.UNIFIED && OwnUsers.areHosts();
        return switch (setting) {
            case "auto" -> can ? SYSTEMD : CGROUPFS;
            case "cgroupfs" -> CGROUPFS;
            case "systemd" -> {
                if (!can) {
                    throw new AestusException(
                                    Problem.UNSUPPORTED,
                                    "cannot have cgroups made by systemd: "
                                            + (hasSystemd ? "that needs cgroup v2 alone" : "it does not run this host"))
                            .withRemedy(SETTING + "=cgroupfs");
                }
                yield SYSTEMD;
            }
            default ->
                throw new AestusException(
                        Problem.INVALID,
                        "cannot read setting " + SETTING + " " + Quoted.of(setting)
                                + ": must be auto, cgroupfs or systemd");
        };
    }
}
