package io.aestus.cli;

import io.aestus.linux.HostKernel;
import io.aestus.linux.HostKernel.Feature;
import io.aestus.linux.HostKernel.Need;
import io.aestus.linux.OwnUsers;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a host gives to users who are not root, for {@code aestus doctor}. */
final class UserFeatures {
    /** Settings by which distributions keep user namespaces from ordinary users: the value that does, and what to do. */
    private static final Map<String, Setting> SETTINGS = Map.of(
            "kernel/unprivileged_userns_clone",
            new Setting("0", "sysctl kernel.unprivileged_userns_clone=1"),
            "user/max_user_namespaces",
            new Setting("0", "sysctl user.max_user_namespaces=10000"),
            "kernel/apparmor_restrict_unprivileged_userns",
            new Setting(
                    "1",
                    "sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for java that allows"
                            + " userns"));

    private record Setting(String forbidding, String remedy) {}

    private UserFeatures() {}

    static List<Feature> of(OrdinaryUser user) throws IOException {
        Optional<String> obstacle = user.obstacle();
        var namespace = new Feature(
                "user namespace",
                Need.REQUIRED,
                obstacle.isEmpty(),
                obstacle.orElse("this user is its root"),
                "no pod runs without root: " + remedy());
        boolean hasMore = user.isInside() && OwnUsers.count() > 1;
        var users = new Feature(
                "subordinate users",
                Need.WANTED,
                hasMore,
                hasMore ? OwnUsers.count() + " users and groups" : missing(user),
                "apps run as root alone, and all files of their images are root's: install uidmap, then as root"
                        + " usermod --add-subuids 100000-165535 --add-subgids 100000-165535 NAME");
        return List.of(namespace, users);
    }

    private static String missing(OrdinaryUser user) throws IOException {
        return user.ids().obstacle().orElse("granted since the first of the pods that run was started");
    }

    private static String remedy() throws IOException {
        for (var setting : SETTINGS.entrySet()) {
            if (HostKernel.isSet(setting.getKey(), setting.getValue().forbidding)) {
                return setting.getValue().remedy;
            }
        }
        return "ask who looks after this host, or run as root";
    }
}
