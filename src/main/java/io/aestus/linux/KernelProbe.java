package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.aestus.linux.HostKernel.Feature;
import io.aestus.linux.HostKernel.Need;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Finds out what {@link HostKernel} reports: by trying, where that is harmless, else by version and settings. */
final class KernelProbe {
    private static final int SECCOMP_GET_ACTION_AVAIL = 2;

    /** For unshare(2): a bit that stands for a signal where it stands for anything. */
    private static final int NO_NAMESPACE = 1;

    /** What starting, looking after and ending other users' processes takes. */
    private static final CapabilitySet NEEDED = CapabilitySet.of(
            Capability.SYS_ADMIN,
            Capability.SETUID,
            Capability.SETGID,
            Capability.SETPCAP,
            Capability.SYS_PTRACE,
            Capability.KILL,
            Capability.MKNOD,
            Capability.CHOWN,
            Capability.DAC_OVERRIDE,
            Capability.FOWNER);

    private final KernelVersion version;
    private final CgroupLayout cgroups;
    private final CapabilitySet privileges;
    private final List<Feature> found = new ArrayList<>();

    KernelProbe(KernelVersion version, CgroupLayout cgroups, CapabilitySet privileges) {
        this.version = version;
        this.cgroups = cgroups;
        this.privileges = privileges;
    }

    List<Feature> features() throws IOException {
        foundations();
        files();
        namespaces();
        controlGroups();
        limits();
        afterwards();
        return found;
    }

    private void foundations() throws IOException {
        required(
                "kernel " + HostKernel.OLDEST,
                version.compareTo(HostKernel.OLDEST) >= 0,
                "this is " + version,
                "pods cannot be started");
        var lacking = NEEDED.without(privileges);
        String power = OwnUsers.areHosts() ? "has what is needed" : "root of a user namespace";
        required(
                "administrator",
                lacking.isEmpty(),
                lacking.isEmpty() ? power : "lacks " + lacking,
                "pods cannot be started: run as root, or let users have namespaces");
        calls("clone3", "no process can be started", Syscall.CLONE3);
        calls("openat2", "no path can be resolved safely", Syscall.OPENAT2);
        calls(
                "process handles",
                "what was started could not be told from others",
                Syscall.PIDFD_SEND_SIGNAL,
                Syscall.WAITID);
        wanted(
                "process handles by number",
                obstacle(Syscall.PIDFD_OPEN).isEmpty(),
                detail(Syscall.PIDFD_OPEN),
                "no process can go on with a pod that another one has started");
        calls("namespaces", "apps cannot be kept apart", Syscall.SETNS, Syscall.UNSHARE);
        required("seccomp filters", canFilterCalls(), "seccomp(2)", "apps cannot be kept from dangerous calls");
        String dumpable = HostKernel.setting("fs/suid_dumpable", "0");
        required(
                "private memory",
                !dumpable.equals("1"),
                "fs.suid_dumpable = " + dumpable,
                "a process in a pod could read the agent's memory during a launch: set it to 0 or 2");
        String executable = HostKernel.setting("vm/memfd_noexec", "0");
        required(
                "executable memfd",
                !executable.equals("2"),
                "vm.memfd_noexec = " + executable,
                "no pod's first process can be started: set it to 0 or 1");
        calls("execution from memory", "no pod's first process can be started", Syscall.MEMFD_CREATE, Syscall.EXECVEAT);
    }

    private void files() throws IOException {
        calls(
                "mount objects",
                "no app's root can be built",
                Syscall.OPEN_TREE,
                Syscall.MOVE_MOUNT,
                Syscall.FSOPEN,
                Syscall.FSCONFIG,
                Syscall.FSMOUNT,
                Syscall.MOUNT_SETATTR);
        boolean overlay = hasFileSystem("overlay");
        required("overlay", overlay, overlay ? "file system" : "no such file system", "no app's root can be built");
        wanted(
                "overlay layers by descriptor",
                overlay && takesLayersByDescriptor(),
                "Linux 6.13",
                "layers are named by path; id-mapped ones need Linux 6.13");
        if (OwnUsers.areHosts()) {
            wanted(
                    "id-mapped mounts",
                    version.isAtLeast(5, 19) && obstacle(Syscall.MOUNT_SETATTR).isEmpty(),
                    "Linux 5.19 for overlays",
                    "pods with a user namespace need images copied for their ids");
        }
    }

    private void namespaces() throws IOException {
        String obstacle = withoutUserNamespaces();
        wanted(
                "user namespaces",
                obstacle.isEmpty(),
                obstacle.isEmpty() ? "tried" : obstacle,
                "pods start with --private-users=off alone, where root in the pod is root on the host");
        boolean cgroup = Files.exists(Path.of("/proc/self/ns/cgroup"));
        wanted("cgroup namespaces", cgroup, "/proc/self/ns/cgroup", "apps see where on the host their cgroup is");
    }

    /** Why no pod can have users of its own; empty if one can. */
    private static String withoutUserNamespaces() throws IOException {
        if (!Files.exists(Path.of("/proc/self/ns/user"))) {
            return "this kernel has none (CONFIG_USER_NS)";
        }
        String most = HostKernel.setting("user/max_user_namespaces", "0");
        return most.equals("0")
                ? "user.max_user_namespaces = 0"
                : UserNamespaceException.probe().map(Throwable::getMessage).orElse("");
    }

    private void controlGroups() throws IOException {
        if (!OwnUsers.areHosts()) {
            delegatedGroups();
            return;
        }
        var mode = cgroups.mode();
        required(
                "cgroups",
                mode != CgroupLayout.Mode.NONE,
                mode.name().toLowerCase(Locale.ROOT),
                "apps can be neither limited nor ended together");
        var controllers = new TreeSet<>(cgroups.v1().keySet());
        if (mode == CgroupLayout.Mode.UNIFIED) {
            var root = new CgroupDirectory(cgroups.unified().orElseThrow(), new KernelCgroupFiles());
            controllers.addAll(CgroupLayout.words(root.read("cgroup.controllers")));
            controllers.add("devices"); // done by BPF programs
        }
        for (String controller : List.of("cpu", "memory", "pids", "devices")) {
            wanted(
                    "controller " + controller,
                    controllers.contains(controller),
                    "has " + String.join(" ", controllers),
                    "its isolators are not enforced; a strict pod that has one does not start");
        }
        boolean unified = cgroups.unified().isPresent();
        wanted(
                "cgroup.kill",
                unified && version.isAtLeast(5, 14),
                unified ? "Linux 5.14" : "no cgroup v2",
                "processes are ended one by one, again until none is left");
    }

    private void delegatedGroups() throws IOException {
        var root = CgroupDelegation.within(cgroups).unified();
        String found = root.isEmpty()
                ? "none was delegated"
                : root.get() + " with "
                        + new CgroupDirectory(root.get(), new KernelCgroupFiles()).read("cgroup.controllers");
        wanted(
                "cgroups",
                root.isPresent(),
                found,
                "no limit is enforced, and pods cannot be paused: systemd-run --user --scope -p Delegate=yes aestus …");
    }

    /** What lets pods outlive the agent. */
    private void afterwards() throws IOException {
        boolean remembers = version.isAtLeast(6, 15);
        boolean tells = !remembers && tellsOfExits();
        wanted(
                "exit codes from pidfds",
                remembers || tells,
                remembers ? "Linux 6.15" : "kept by a process of ours, as the kernel is older than 6.15",
                "the exit code of an app that ends while no agent runs is unknown");
        String scope = HostKernel.setting("kernel/yama/ptrace_scope", "0");
        required(
                "parked descriptors",
                obstacle(Syscall.PIDFD_GETFD).isEmpty() && !scope.equals("3"),
                obstacle(Syscall.PIDFD_GETFD).isPresent()
                        ? detail(Syscall.PIDFD_GETFD)
                        : "kernel.yama.ptrace_scope = " + scope,
                "no pod can be looked after: let pidfd_getfd be called, set kernel.yama.ptrace_scope to 2 or less");
    }

    private static boolean tellsOfExits() {
        try (var events = ExitEvents.open()) {
            events.end();
            return true;
        } catch (SyscallException _) {
            return false;
        }
    }

    /** What makes pods safe from the kernel's choice of a victim when memory runs out. */
    private void limits() {
        boolean canRaise = privileges.contains(Capability.SYS_RESOURCE) && OwnUsers.areHosts();
        wanted(
                "raising limits",
                canRaise,
                canRaise ? "CAP_SYS_RESOURCE" : "no CAP_SYS_RESOURCE",
                "no hard limit can be raised for an app, and the agent cannot be spared when memory runs out");
    }

    private void required(String name, boolean isPresent, String detail, String consequence) {
        found.add(new Feature(name, Need.REQUIRED, isPresent, detail, consequence));
    }

    private void wanted(String name, boolean isPresent, String detail, String consequence) {
        found.add(new Feature(name, Need.WANTED, isPresent, detail, consequence));
    }

    /** Something that takes several system calls. */
    private void calls(String name, String consequence, Syscall... calls) {
        for (Syscall call : calls) {
            if (obstacle(call).isPresent()) {
                required(name, false, detail(call), consequence);
                return;
            }
        }
        required(
                name,
                true,
                Arrays.stream(calls).map(Syscall::kernelName).collect(Collectors.joining(" ")),
                consequence);
    }

    /** A call, and why it cannot be made. */
    private String detail(Syscall call) {
        return call.kernelName() + "(2)" + obstacle(call).map(why -> ": " + why).orElse("");
    }

    /**
     * Why a call cannot be made, if it cannot: tried with arguments that no kernel accepts. One that knows the call says so by
     * another errno than ENOSYS; whoever may do everything is told EPERM by a filter alone. Of namespaces a filter may forbid
     * some, which are none of these arguments.
     */
    private Optional<String> obstacle(Syscall call) {
        Result answer = Libc.call(call, call == Syscall.UNSHARE ? NO_NAMESPACE : -1, 0, 0, 0, 0, 0);
        if (answer.failedWith(Errno.ENOSYS)) {
            return Optional.of("this kernel has no such call, or a filter hides it");
        }
        return answer.failedWith(Errno.EPERM) && privileges.contains(Capability.SYS_ADMIN)
                ? Optional.of("forbidden by a filter, such as a container's seccomp profile")
                : Optional.empty();
    }

    private static boolean canFilterCalls() {
        try (Arena arena = Arena.ofConfined()) {
            var action = arena.allocateFrom(JAVA_INT, SeccompAction.KILL_PROCESS.code());
            return Libc.call(Syscall.SECCOMP, SECCOMP_GET_ACTION_AVAIL, 0, action.address()) instanceof Result.Done;
        }
    }

    private static boolean hasFileSystem(String type) throws IOException {
        try (var _ = NewFileSystem.open(type)) {
            return true;
        } catch (SyscallException e) {
            return e.errno() == Errno.EPERM; // there, but not for us
        }
    }

    private static boolean takesLayersByDescriptor() {
        try (var overlay = NewFileSystem.open("overlay");
                var memory = NewFileSystem.open("tmpfs");
                Fd layer = memory.mount(Set.of())) {
            overlay.with("lowerdir+", layer);
            return true;
        } catch (SyscallException e) {
            return false;
        }
    }
}
