package io.aestus.cri;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.cri.v1.Mount;
import io.aestus.executor.AppOptions;
import io.aestus.executor.CacheShare;
import io.aestus.executor.Hook;
import io.aestus.executor.HostEdits;
import io.aestus.executor.MovedInterface;
import io.aestus.json.JsonArray;
import io.aestus.json.JsonView;
import io.aestus.linux.Resctrl;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What devices that are named by CDI make of a container.
 *
 * @param environment by name
 * @param groups further ones of its user
 * @param host what the node does to it besides
 * @see <a href="https://github.com/cncf-tags/container-device-interface/blob/main/SPEC.md">CDI</a>
 */
record CdiEdits(
        Map<String, String> environment,
        List<AppOptions.Device> devices,
        List<Mount> mounts,
        List<Long> groups,
        HostEdits host) {
    static final CdiEdits NONE = new CdiEdits(Map.of(), List.of(), List.of(), List.of(), HostEdits.NONE);

    private static final Set<String> KNOWN =
            Set.of("env", "deviceNodes", "mounts", "additionalGids", "hooks", "netDevices", "intelRdt");
    /** Of a mount: as it is in any case. */
    private static final Set<String> USUAL = Set.of("bind", "rbind", "rw", "nosuid", "nodev", "private", "rprivate");

    private static final int PERMISSIONS = 0777;
    /** With the bits of the kind of file, which say nothing here. */
    private static final int HIGHEST_MODE = 0177777;

    private static final long HIGHEST_ID = 0xFFFF_FFFEL;

    CdiEdits {
        environment = Map.copyOf(environment);
        devices = List.copyOf(devices);
        mounts = List.copyOf(mounts);
        groups = List.copyOf(groups);
    }

    /** @throws AestusException {@link Problem#UNSUPPORTED} naming what cannot be done here */
    static CdiEdits read(JsonView edits) {
        edits.fields().forEach((name, value) -> {
            boolean isEmpty = value.value() instanceof JsonArray list && list.isEmpty();
            if (!KNOWN.contains(name) && !isEmpty) {
                throw unsupported(value, "nothing of that kind is done here");
            }
        });
        Map<String, String> environment = new LinkedHashMap<>();
        for (String variable : edits.strings("env")) {
            int equals = variable.indexOf('=');
            if (equals < 1) {
                throw edits.required("env").failure("must be NAME=value");
            }
            environment.put(variable.substring(0, equals), variable.substring(equals + 1));
        }
        return new CdiEdits(
                environment,
                edits.list("deviceNodes", CdiEdits::device),
                edits.list("mounts", CdiEdits::mount),
                edits.list("additionalGids", group -> group.whole(1, HIGHEST_ID)),
                new HostEdits(
                        "",
                        edits.list("hooks", Hook::read),
                        edits.list("netDevices", MovedInterface::read),
                        edits.optional("intelRdt").map(CdiEdits::cacheShare)));
    }

    /** The same for a container of this ID. */
    CdiEdits of(ContainerId container) {
        return host.isEmpty()
                ? this
                : new CdiEdits(environment, devices, mounts, groups, host.of(container.toString()));
    }

    private static CacheShare cacheShare(JsonView view) {
        CacheShare share = CacheShare.read(view);
        try {
            if (Resctrl.ofHost().isEmpty()) {
                throw unsupported(view, "no resctrl is mounted on this node");
            }
        } catch (IOException e) {
            throw unsupported(view, "it cannot be seen whether resctrl is mounted: " + e.getMessage());
        }
        return share;
    }

    /** The host's node has a type and numbers of its own. Owner and permissions may be said; of one half the other is root's. */
    private static AppOptions.Device device(JsonView node) {
        String path = node.required("path").string();
        Optional<Integer> user = node.optional("uid").map(CdiEdits::id);
        Optional<Integer> group = node.optional("gid").map(CdiEdits::id);
        Optional<AppOptions.DeviceOwner> owner =
                user.or(() -> group).map(_ -> new AppOptions.DeviceOwner(user.orElse(0), group.orElse(0)));
        return new AppOptions.Device(
                Path.of(node.optional("hostPath").map(JsonView::string).orElse(path)),
                path,
                node.optional("permissions").map(JsonView::string).orElse("rwm"),
                owner,
                node.optional("fileMode")
                        .map(mode -> OptionalInt.of(mode.wholeInt(0, HIGHEST_MODE) & PERMISSIONS))
                        .orElse(OptionalInt.empty()));
    }

    private static int id(JsonView view) {
        return (int) view.whole(0, HIGHEST_ID);
    }

    private static Mount mount(JsonView mount) {
        mount.optional("type")
                .filter(type -> !Set.of("", "bind", "none").contains(type.string()))
                .ifPresent(type -> {
                    throw unsupported(type, "only what the host has is mounted");
                });
        List<JsonView> options = mount.list("options", option -> option);
        options.stream()
                .filter(option -> !option.string().equals("ro") && !USUAL.contains(option.string()))
                .forEach(option -> {
                    throw unsupported(option, "nothing is mounted that way");
                });
        return Mount.newBuilder()
                .setHostPath(mount.required("hostPath").string())
                .setContainerPath(mount.required("containerPath").string())
                .setReadonly(options.stream().anyMatch(option -> option.string().equals("ro")))
                .build();
    }

    private static AestusException unsupported(JsonView value, String why) {
        return new AestusException(Problem.UNSUPPORTED, value.failure(why).message());
    }

    /** Both; of one variable what the other one says. */
    CdiEdits and(CdiEdits other) {
        Map<String, String> all = new LinkedHashMap<>(environment);
        all.putAll(other.environment);
        return new CdiEdits(
                all,
                joined(devices, other.devices),
                joined(mounts, other.mounts),
                joined(groups, other.groups),
                host.and(other.host));
    }

    private static <T> List<T> joined(List<T> some, List<T> others) {
        return new ArrayList<>(
                Stream.concat(some.stream(), others.stream()).distinct().toList());
    }
}
