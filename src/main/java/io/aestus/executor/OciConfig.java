package io.aestus.executor;

import io.aestus.appc.ResolvedMount;
import io.aestus.appc.Volume;
import io.aestus.executor.Stage1.AppPlace;
import io.aestus.json.Json;
import io.aestus.json.JsonArray;
import io.aestus.json.JsonNumber;
import io.aestus.json.JsonObject;
import io.aestus.linux.Capability;
import io.aestus.linux.CapabilitySet;
import io.aestus.linux.DeviceRule;
import io.aestus.linux.Rlimit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A container as its runtime reads it: the same confinement, mounts and devices that {@link AppLauncher} gives an app, in the
 * words of the OCI runtime specification. What is mounted from the {@linkplain OciDesk desk} was prepared by us: volumes with
 * the pod's owners, and what the apps of the pod share.
 *
 * @param volumes those that are on the desk as {@code volume-0}, …
 * @param cgroups what of cgroups is on the desk, below {@code fs/cgroup}
 * @see <a href="https://github.com/opencontainers/runtime-spec/blob/main/config.md">OCI runtime specification: config</a>
 */
record OciConfig(
        AppSetting setting,
        Confinement confinement,
        List<ResolvedMount> volumes,
        List<DeviceRule> rules,
        List<String> cgroups,
        OciManner manner) {
    static final String VERSION = "1.0.2";
    /** On the desk: what covers {@code /sys/fs}, and in it what a container sees of cgroups. */
    static final String FS = "fs";

    static final String CGROUP = "fs/cgroup";
    private static final String SYS_FS = "/sys/fs";

    private static final int UMASK = 022;
    private static final int TTY_GROUP = 5;
    /** What a child writes before the name of its profile. */
    private static final String APPARMOR = "exec ";

    /** What runs in it. */
    static JsonObject process(Confinement confinement, List<String> command, AppOptions.Terminal terminal) {
        var json = JsonObject.builder()
                .put("terminal", terminal == AppOptions.Terminal.TTY)
                .put("user", user(confinement))
                .put("args", Json.strings(command))
                .put("env", Json.strings(confinement.environment()))
                .put("cwd", confinement.workingDirectory())
                .put("capabilities", capabilities(confinement))
                .put("rlimits", Json.array(confinement.limits(), OciConfig::limit))
                .put("noNewPrivileges", confinement.noNewPrivileges() || filtersLaunch(confinement));
        confinement
                .oomScoreAdjustment()
                .map(HostProcess::reachableOomScore)
                .or(HostProcess::oomScoreToRestore)
                .ifPresent(score -> json.put("oomScoreAdj", score));
        confinement.label().ifPresent(label -> addLabel(json, label));
        return json.build();
    }

    private static void addLabel(JsonObject.Builder process, SecurityLabels.Label label) {
        if (label.text().startsWith(APPARMOR)) {
            process.put("apparmorProfile", label.text().substring(APPARMOR.length()));
        } else {
            process.put("selinuxLabel", label.text());
        }
    }

    /** A filter of the app's own comes last, when it cannot hinder the runtime: which takes {@code no_new_privs}. */
    private static boolean filtersLaunch(Confinement confinement) {
        return switch (confinement.seccomp()) {
            case SeccompChoice.Unfiltered _, SeccompChoice.Standard _ -> false;
            case SeccompChoice.Retain _ -> true;
            case SeccompChoice.Remove _, SeccompChoice.Profile _ ->
                confinement.seccomp().hindersLaunch(true, confinement.capabilities());
        };
    }

    private static JsonObject user(Confinement confinement) {
        return JsonObject.builder()
                .put("uid", Integer.toUnsignedLong(confinement.user()))
                .put("gid", Integer.toUnsignedLong(confinement.group()))
                .put("umask", UMASK)
                .put("additionalGids", Json.array(confinement.groups(), id -> Json.of(Integer.toUnsignedLong(id))))
                .build();
    }

    private static JsonObject capabilities(Confinement confinement) {
        return JsonObject.builder()
                .put("bounding", names(confinement.capabilities()))
                .put("permitted", names(confinement.permitted()))
                .put("effective", names(confinement.permitted()))
                .put("inheritable", names(confinement.ambient()))
                .put("ambient", names(confinement.ambient()))
                .build();
    }

    private static JsonArray names(CapabilitySet set) {
        return Json.strings(set.members().stream().map(Capability::toString).toList());
    }

    private static JsonObject limit(Rlimit limit) {
        return JsonObject.builder()
                .put("type", "RLIMIT_" + limit.resource())
                .put("soft", new JsonNumber(Long.toUnsignedString(limit.soft())))
                .put("hard", new JsonNumber(Long.toUnsignedString(limit.hard())))
                .build();
    }

    JsonObject toJson(List<String> command, AppOptions.Terminal terminal, String cgroup) {
        var json = JsonObject.builder()
                .put("ociVersion", VERSION)
                .put("process", process(confinement, command, terminal))
                .put(
                        "root",
                        JsonObject.builder()
                                .put("path", OciDesk.path(OciDesk.ROOT))
                                .put("readonly", setting.place().app().readOnlyRootFs())
                                .build())
                .put("mounts", new JsonArray(mounts()))
                .put("linux", linux(cgroup));
        if (manner.isKernel()) {
            var pod = setting.place().pod();
            json.put("hostname", PodConfiguration.hostname(pod.uuid(), pod.options()));
        }
        return json.build();
    }

    // --- what it sees

    private List<Json> mounts() {
        var mounts = new ArrayList<Json>(List.of(
                mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev"),
                mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
                mount(
                        "/dev/pts",
                        "devpts",
                        "devpts",
                        "nosuid",
                        "noexec",
                        "newinstance",
                        "ptmxmode=0666",
                        "mode=0620",
                        "gid=" + TTY_GROUP),
                bind("/dev/shm", "shm", "nosuid", "noexec", "nodev"),
                manner.isKernel()
                        ? mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev")
                        : bind("/dev/mqueue", "mqueue", "nosuid", "noexec", "nodev"),
                sys()));
        if (coversFs()) {
            mounts.add(bind(SYS_FS, FS, "ro", "nosuid", "noexec", "nodev"));
        }
        if (!cgroups.isEmpty() && manner.mountsCgroups()) {
            mounts.add(mount(CgroupView.PLACE, "cgroup", "cgroup", "ro", "nosuid", "noexec", "nodev"));
        } else {
            for (String each : cgroups) { // one by one: crun leaves out what is mounted in another
                mounts.add(bind(CgroupView.PLACE + each, CGROUP + each, "ro", "nosuid", "noexec", "nodev"));
            }
        }
        for (String name : PodConfiguration.untaken(volumes)) {
            mounts.add(bind("/etc/" + name, "etc/" + name, "ro", "nosuid", "noexec", "nodev"));
        }
        for (int i = 0; i < volumes.size(); i++) {
            ResolvedMount volume = volumes.get(i);
            var options = new ArrayList<>(List.of("nosuid", "nodev"));
            if (volume.readOnly()) {
                options.add("ro");
            }
            if (volume.volume() instanceof Volume.Image) {
                options.add("noexec");
            }
            mounts.add(bind(volume.path().value(), volume(i), options.toArray(String[]::new)));
        }
        return mounts;
    }

    /** What a volume is called on the desk. */
    static String volume(int number) {
        return "volume-" + number;
    }

    /** That of the pod's network; on the host's nobody but the host can mount it anew. */
    private JsonObject sys() {
        if (setting.place().pod().options().network() == PodOptions.NetworkMode.HOST && !manner.isKernel()) {
            return bind("/sys", "sys", "nosuid", "noexec", "nodev", "ro");
        }
        return isPrivileged()
                ? mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev")
                : mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro");
    }

    private static JsonObject mount(String path, String type, String source, String... options) {
        return JsonObject.builder()
                .put("destination", path)
                .put("type", type)
                .put("source", source)
                .put("options", Json.strings(List.of(options)))
                .build();
    }

    private static JsonObject bind(String path, String ofDesk, String... options) {
        var all = new ArrayList<>(List.of("rbind"));
        all.addAll(List.of(options));
        return mount(path, "bind", OciDesk.path(ofDesk), all.toArray(String[]::new));
    }

    // --- how it is confined

    private boolean isPrivileged() {
        return setting.place().options().privilege() == AppOptions.Privilege.PRIVILEGED;
    }

    private JsonObject linux(String cgroup) {
        AppOptions options = setting.place().options();
        var json = JsonObject.builder()
                .put("cgroupsPath", "/" + cgroup)
                .put("namespaces", new JsonArray(namespaces()))
                .put("devices", Json.array(setting.devices(), OciConfig::device))
                .put(
                        "resources",
                        JsonObject.builder()
                                .put("devices", new JsonArray(resourceRules()))
                                .build());
        if (setting.range().isPrivate() && !manner.isKernel()) {
            json.put("uidMappings", mapping()).put("gidMappings", mapping());
        }
        if (!isPrivileged()) {
            json.put(
                    "maskedPaths",
                    Json.strings(masked().stream()
                            .filter(path -> !coversFs() || !path.equals(SYS_FS))
                            .toList()));
            json.put("readonlyPaths", Json.strings(options.readOnlyPaths().orElse(Covers.READ_ONLY)));
        }
        if (confinement.seccomp() instanceof SeccompChoice.Profile(SeccompProfile profile)) {
            json.put("seccomp", profile.json());
        } else {
            confinement
                    .seccomp()
                    .policyFor(confinement.capabilities())
                    .ifPresent(policy -> json.put("seccomp", OciSeccomp.of(policy)));
        }
        return json.build();
    }

    private List<String> masked() {
        return setting.place().options().maskedPaths().orElse(Covers.MASKED);
    }

    /** Whether what shall be hidden of {@code /sys/fs} is covered by us: a runtime would hide the cgroups there too. */
    private boolean coversFs() {
        return !isPrivileged() && !manner.isKernel() && masked().contains(SYS_FS);
    }

    private JsonArray mapping() {
        return Json.array(JsonObject.builder()
                .put("containerID", 0)
                .put("hostID", Integer.toUnsignedLong(setting.range().base()))
                .put("size", setting.range().count())
                .build());
    }

    private List<Json> namespaces() {
        if (manner.isKernel()) {
            return List.of(namespace("mount"), namespace("pid"), namespace("ipc"), namespace("uts"));
        }
        AppPlace place = setting.place();
        String first = "/proc/" + PodContext.read(place.pod().record()).firstProcess() + "/ns/";
        var namespaces =
                new ArrayList<Json>(List.of(namespace("mount"), namespace("cgroup"), namespace("uts", first + "uts")));
        PodOptions options = place.pod().options();
        if (options.network() != PodOptions.NetworkMode.HOST) {
            namespaces.add(namespace("network", first + "net"));
        }
        if (options.ipc() == PodOptions.Sharing.POD) {
            namespaces.add(namespace("ipc", first + "ipc"));
        }
        if (setting.range().isPrivate()) {
            namespaces.add(namespace("user", first + "user"));
        }
        switch (place.options().processes()) {
            case POD -> namespaces.add(namespace("pid", first + "pid"));
            case APP, OTHER_APP -> namespaces.add(namespace("pid"));
            case HOST -> {}
        }
        return namespaces;
    }

    private static JsonObject namespace(String kind) {
        return JsonObject.builder().put("type", kind).build();
    }

    private static JsonObject namespace(String kind, String path) {
        return JsonObject.builder().put("type", kind).put("path", path).build();
    }

    private static JsonObject device(HostDevice device) {
        return JsonObject.builder()
                .put("path", "/dev/" + device.path())
                .put("type", device.kind() == DeviceRule.Kind.BLOCK ? "b" : "c")
                .put("major", device.major())
                .put("minor", device.minor())
                .put("fileMode", device.permissions())
                .put("uid", device.user())
                .put("gid", device.group())
                .build();
    }

    /** The same that we set: a runtime that limits devices itself would refuse them otherwise. */
    private List<Json> resourceRules() {
        var all = new ArrayList<Json>();
        all.add(JsonObject.builder().put("allow", false).put("access", "rwm").build());
        for (DeviceRule rule : rules) {
            var json = JsonObject.builder()
                    .put("allow", true)
                    .put("type", rule.kind() == DeviceRule.Kind.BLOCK ? "b" : "c")
                    .put("access", rule.access().toString());
            number(rule.major()).ifPresent(major -> json.put("major", major));
            number(rule.minor()).ifPresent(minor -> json.put("minor", minor));
            all.add(json.build());
        }
        return all;
    }

    private static Optional<Integer> number(OptionalInt number) {
        return number.isPresent() ? Optional.of(number.getAsInt()) : Optional.empty();
    }
}
