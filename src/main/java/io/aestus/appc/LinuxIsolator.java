package io.aestus.appc;

import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import java.util.List;
import java.util.Optional;

/**
 * A means of confinement that only Linux has. But for {@link SelinuxContext}, each is an app's alone.
 *
 * @see <a href="https://github.com/appc/spec/blob/v0.8.11/spec/ace.md#linux-isolators">appc: Linux Isolators</a>
 */
public sealed interface LinuxIsolator extends Isolator {
    /** A set of names, as several isolators have it. */
    sealed interface Named extends LinuxIsolator {
        /** In their order, none twice; {@code CAP_…} names, or system calls and {@code @scope/group}s. */
        List<String> set();

        @Override
        default Json value() {
            return JsonObject.builder().put("set", Json.strings(set())).build();
        }
    }

    /** The bounding set is exactly this; an empty one leaves no capability at all. */
    record CapabilitiesRetainSet(List<String> set) implements Named {
        public static final String NAME = "os/linux/capabilities-retain-set";

        public CapabilitiesRetainSet {
            set = distinct(set);
        }

        @Override
        public String name() {
            return NAME;
        }
    }

    /** The bounding set is the default one without these. */
    record CapabilitiesRemoveSet(List<String> set) implements Named {
        public static final String NAME = "os/linux/capabilities-remove-set";

        public CapabilitiesRemoveSet {
            set = distinct(set);
        }

        @Override
        public String name() {
            return NAME;
        }
    }

    /** A filter of system calls. */
    sealed interface Seccomp extends Named {
        /** What a refused call returns, as in {@code EPERM}; without it the app is ended by SIGSYS. */
        Optional<String> errno();

        @Override
        default Json value() {
            return JsonObject.builder()
                    .put("set", Json.strings(set()))
                    .put("errno", errno())
                    .build();
        }
    }

    /** Only these calls, and what starting a process needs. {@code @appc.io/all} means no filter. */
    record SeccompRetainSet(List<String> set, Optional<String> errno) implements Seccomp {
        public static final String NAME = "os/linux/seccomp-retain-set";
        public static final String ALL = "@appc.io/all";

        public SeccompRetainSet {
            set = distinct(set);
        }

        @Override
        public String name() {
            return NAME;
        }
    }

    /** All calls but these and the executor's own list. {@code @appc.io/empty} means that list alone. */
    record SeccompRemoveSet(List<String> set, Optional<String> errno) implements Seccomp {
        public static final String NAME = "os/linux/seccomp-remove-set";
        public static final String EMPTY = "@appc.io/empty";

        public SeccompRemoveSet {
            set = distinct(set);
        }

        @Override
        public String name() {
            return NAME;
        }
    }

    /** True if neither the app nor its children can gain privileges. */
    record NoNewPrivileges(boolean isSet) implements LinuxIsolator {
        public static final String NAME = "os/linux/no-new-privileges";

        @Override
        public String name() {
            return NAME;
        }

        @Override
        public Json value() {
            return Json.of(isSet);
        }
    }

    /** An SELinux label; an app's counts before its pod's. */
    record SelinuxContext(String user, String role, String type, String level) implements LinuxIsolator {
        public static final String NAME = "os/linux/selinux-context";

        @Override
        public String name() {
            return NAME;
        }

        @Override
        public Json value() {
            return JsonObject.builder()
                    .put("user", user)
                    .put("role", role)
                    .put("type", type)
                    .put("level", level)
                    .build();
        }

        /** As the kernel takes it. */
        public String label() {
            return String.join(":", user, role, type, level);
        }
    }

    /** An AppArmor profile, which must be loaded. Younger than the text of 0.8.11. */
    record ApparmorProfile(String profile) implements LinuxIsolator {
        public static final String NAME = "os/linux/apparmor-profile";

        @Override
        public String name() {
            return NAME;
        }

        @Override
        public Json value() {
            return JsonObject.builder().put("profile", profile).build();
        }
    }

    /** How readily the kernel ends the app when memory runs out: −1000 (never) to 1000. */
    record OomScoreAdj(int score) implements LinuxIsolator {
        public static final String NAME = "os/linux/oom-score-adj";

        @Override
        public String name() {
            return NAME;
        }

        @Override
        public Json value() {
            return Json.of(score);
        }
    }

    /** The app's weight when processors are scarce: 2 to 262144, 1024 being the usual one. */
    record CpuShares(int shares) implements LinuxIsolator {
        public static final String NAME = "os/linux/cpu-shares";

        @Override
        public String name() {
            return NAME;
        }

        @Override
        public Json value() {
            return Json.of(shares);
        }
    }

    private static List<String> distinct(List<String> names) {
        return names.stream().distinct().toList();
    }
}
