package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.appc.AbsolutePath;
import io.aestus.appc.AcName;
import io.aestus.appc.App;
import io.aestus.appc.Isolator;
import io.aestus.appc.Isolators;
import io.aestus.appc.LinuxIsolator;
import io.aestus.appc.Mount;
import io.aestus.appc.PodManifest;
import io.aestus.appc.Quantity;
import io.aestus.appc.ResourceIsolator;
import io.aestus.appc.RuntimeApp;
import io.aestus.appc.Volume;
import io.aestus.executor.Stage1Host.RunningApp;
import io.aestus.executor.Stage1Host.RunningPod;
import io.aestus.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Something that an isolation may enforce or not, tried from inside an app. */
enum Claim {
    PROCESSES("the host's processes are not seen") {
        @Override
        boolean holds(Stage1Host host) throws IOException {
            return isOwn(host, "pid");
        }
    },
    OWN_PROCESSES("an app can be alone with its processes") {
        @Override
        boolean holds(Stage1Host host) throws IOException {
            var options = AppOptions.DEFAULT.withProcesses(AppOptions.Processes.APP);
            return says(host, PodOptions.DEFAULT, app -> app, options, "echo $$", "1");
        }
    },
    NETWORK("the pod has a network of its own") {
        @Override
        boolean holds(Stage1Host host) throws IOException {
            return isOwn(host, "net");
        }
    },
    IPC("the pod has message queues and shared memory of its own") {
        @Override
        boolean holds(Stage1Host host) throws IOException {
            return isOwn(host, "ipc");
        }
    },
    SHARED_MEMORY("apps of a pod share `/dev/shm`") {
        @Override
        boolean holds(Stage1Host host) throws IOException {
            String file = "/dev/shm/aestus-claim";
            try (RunningPod pod = host.start(PodOptions.DEFAULT)) {
                run(pod, "one", Stage1Host.shell("echo shared > " + file));
                return run(pod, "two", Stage1Host.shell("cat " + file + "; rm " + file))
                        .equals("shared");
            }
        }
    },
    HOSTNAME("the pod has a host name of its own") {
        @Override
        boolean holds(Stage1Host host) throws IOException {
            return says(
                    host,
                    PodOptions.DEFAULT.withHostname("claim"),
                    app -> app,
                    AppOptions.DEFAULT,
                    "hostname; cat /etc/hostname",
                    "claim\nclaim");
        }
    },
    USERS("root in the pod is nobody on the host") {
        @Override
        boolean holds(Stage1Host host) throws IOException {
            return isOwn(host, "user");
        }
    },
    MOUNTS("mounts are the app's own") {
        @Override
        boolean holds(Stage1Host host) throws IOException {
            return isOwn(host, "mnt");
        }
    },
    IMAGE("the image stays as it is") {
        @Override
        boolean holds(Stage1Host host) throws IOException {
            run(host, "echo x > /etc/passwd; rm /bin/touch");
            return Files.readString(host.image.resolve("etc/passwd")).startsWith("root:")
                    && Files.isSymbolicLink(host.image.resolve("bin/touch"));
        }
    },
    READ_ONLY_ROOT("a root that is read-only takes nothing") {
        @Override
        boolean holds(Stage1Host host) throws IOException {
            return says(
                    host,
                    PodOptions.DEFAULT,
                    app -> app.withReadOnlyRootFs(true),
                    AppOptions.DEFAULT,
                    "touch /new 2>/dev/null || echo refused",
                    "refused");
        }
    },
    READ_ONLY_VOLUME("a volume that is read-only takes nothing, and one that is not does") {
        @Override
        boolean holds(Stage1Host host) throws IOException {
            Path source = Files.createDirectories(host.directory.resolve("claim-data"));
            Files.writeString(source.resolve("file"), "of the host\n");
            List<Volume> volumes = List.of(
                    new Volume.Host(new AcName("in"), AbsolutePath.parse(source.toString()), true, true),
                    Volume.Empty.named(new AcName("out")));
            try (RunningPod pod = host.start(PodOptions.DEFAULT, volumes)) {
                UnaryOperator<RuntimeApp> mounted = app -> app.withMounts(List.of(
                        Mount.of(new AcName("in"), AbsolutePath.parse("/deep/in")),
                        Mount.of(new AcName("out"), AbsolutePath.parse("/out"))));
                var app = Stage1Host.shell(
                        "cat /deep/in/file; touch /deep/in/new 2>/dev/null || echo refused; touch /out/new && echo taken");
                var outcome = pod.run(pod.prepare("app", app, mounted, AppOptions.DEFAULT));
                return outcome.stdout().strip().equals("of the host\nrefused\ntaken");
            }
        }
    },
    KERNEL_SETTINGS("the kernel's settings are read-only") {
        @Override
        boolean holds(Stage1Host host) throws IOException {
            return run(host, "(: >> /proc/sys/vm/swappiness) 2>/dev/null || echo refused")
                    .equals("refused");
        }
    },
    HIDDEN("what of `/proc` and `/sys` tells of the host is hidden") {
        @Override
        boolean holds(Stage1Host host) throws IOException {
            return run(host, "head -c 1 /proc/timer_list | wc -c").equals("0")
                    && run(host, "ls /sys/firmware | grep -vc '^cgroup$'").equals("0");
        }
    },
    DEVICES("no device of the host is opened") {
        @Override
        boolean holds(Stage1Host host) throws IOException {
            var options = PodOptions.DEFAULT.withUserNamespace(PodOptions.UserNamespace.HOST);
            String script = "mknod /kmsg c 1 11 && (: < /kmsg) 2>/dev/null || echo refused";
            return says(host, options, app -> app, AppOptions.DEFAULT, script, "refused");
        }
    },
    CAPABILITIES("capabilities are those that are retained") {
        @Override
        boolean holds(Stage1Host host) throws IOException {
            return run(
                            host,
                            "grep ^Cap /proc/self/status | cut -f2",
                            new LinuxIsolator.CapabilitiesRetainSet(List.of("CAP_CHOWN", "CAP_SETUID")))
                    .equals("0000000000000000\n0000000000000081\n0000000000000081\n0000000000000081\n0000000000000000");
        }
    },
    SYSTEM_CALLS("system calls that are removed are refused") {
        @Override
        boolean holds(Stage1Host host) throws IOException {
            var remove = new LinuxIsolator.SeccompRemoveSet(List.of("mkdir", "mkdirat"), Optional.of("EPERM"));
            return run(host, "mkdir /made 2>/dev/null || echo refused", remove).equals("refused");
        }
    },
    NO_NEW_PRIVILEGES("`os/linux/no-new-privileges` holds") {
        @Override
        boolean holds(Stage1Host host) throws IOException {
            return run(host, "grep ^NoNewPrivs /proc/self/status | cut -f2", new LinuxIsolator.NoNewPrivileges(true))
                    .equals("1");
        }
    },
    FILTER_BY_DEFAULT("an app that says nothing has the usual filter and capabilities") {
        @Override
        boolean holds(Stage1Host host) throws IOException {
            return run(host, "grep -E '^(CapEff|Seccomp:)' /proc/self/status | cut -f2")
                    .equals("00000000a80425fb\n2");
        }
    },
    RESOURCE_LIMITS("resource limits hold") {
        @Override
        boolean holds(Stage1Host host) throws IOException {
            var options =
                    AppOptions.DEFAULT.withRlimits(List.of(new AppOptions.ResourceLimit("RLIMIT_NOFILE", 99, 100)));
            String script = "grep '^Max open' /proc/self/limits | tr -s ' ' | cut -d' ' -f4,5";
            return says(host, PodOptions.DEFAULT, app -> app, options, script, "99 100");
        }
    },
    MEMORY("memory beyond the limit ends the app, and is told") {
        @Override
        boolean holds(Stage1Host host) throws IOException {
            var app = Stage1Host.shell("x=a; while true; do x=$x$x; done").toBuilder()
                    .isolators(Isolators.of(ResourceIsolator.Memory.limit(Quantity.of(64L << 20))))
                    .build();
            try (RunningPod pod = host.start(PodOptions.DEFAULT);
                    RunningApp running = pod.start("app", app)) {
                return running.await().code() != 0 && host.stage1.wasOutOfMemory(running.place);
            }
        }
    },
    PROCESS_COUNT("processes beyond the limit are not made") {
        @Override
        boolean holds(Stage1Host host) throws IOException {
            var limit = new Isolator.Unknown(
                    OwnIsolators.PIDS, JsonObject.builder().put("limit", "24").build());
            String script = "(for i in $(seq 40); do sleep 1 & done) 2>&1 | grep -c fork";
            return !run(host, script, limit).equals("0");
        }
    },
    NEW_LIMITS("limits can be changed while the app runs") {
        @Override
        boolean holds(Stage1Host host) throws IOException {
            try (RunningPod pod = host.start(PodOptions.DEFAULT);
                    RunningApp running =
                            pod.start("app", Stage1Host.shell("read x; x=a; while true; do x=$x$x; done"))) {
                var limits = Isolators.of(ResourceIsolator.Memory.limit(Quantity.of(64L << 20)));
                return host.stage1.limit(running.place, limits).stream()
                        .allMatch(report -> report.enforcement() == IsolatorReport.Enforcement.ENFORCED);
            }
        }
    },
    SYSCTL("`os/unix/sysctl` sets what is the pod's") {
        @Override
        boolean holds(Stage1Host host) throws IOException {
            var manifest = PodManifest.of()
                    .withIsolators(Isolators.of(
                            new Isolator.Sysctl(java.util.Map.of("net.ipv4.ip_unprivileged_port_start", "77"))));
            try (RunningPod pod = host.start(manifest, PodOptions.DEFAULT)) {
                return run(pod, "app", Stage1Host.shell("cat /proc/sys/net/ipv4/ip_unprivileged_port_start"))
                        .equals("77");
            }
        }
    },
    EXEC("what is executed in an app later is confined as it is") {
        @Override
        boolean holds(Stage1Host host) throws IOException {
            var isolators = Isolators.of(
                    new LinuxIsolator.CapabilitiesRetainSet(List.of("CAP_CHOWN")),
                    new LinuxIsolator.NoNewPrivileges(true),
                    new LinuxIsolator.SeccompRemoveSet(List.of("mkdir", "mkdirat"), Optional.of("EPERM")));
            var app = Stage1Host.app("/bin/sleep", "1000").toBuilder()
                    .isolators(isolators)
                    .user("web")
                    .group("web")
                    .build();
            String script = "id -u; grep -E '^(CapBnd|NoNewPrivs|Seccomp:)' /proc/self/status | cut -f2";
            try (RunningPod pod = host.start(PodOptions.DEFAULT);
                    RunningApp running = pod.start("app", app)) {
                return running.exec(script).stdout().strip().equals("1000\n0000000000000001\n1\n2");
            }
        }
    },
    NOT_THERE("a program that is not there is an error of the start") {
        @Override
        boolean holds(Stage1Host host) throws IOException {
            return isRefused(host, Stage1Host.app("/no/such/program"));
        }
    },
    NO_PROGRAM("a file that is no program is an error of the start") {
        @Override
        boolean holds(Stage1Host host) throws IOException {
            Path file = host.image.resolve("bin/nothing");
            if (!Files.exists(file)) {
                Files.write(file, new byte[] {0, 1, 2, 3});
                Files.setPosixFilePermissions(
                        file, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
            }
            return isRefused(host, Stage1Host.app("/bin/nothing"));
        }
    },
    WORKING_DIRECTORY("a working directory that is not there is an error of the start") {
        @Override
        boolean holds(Stage1Host host) throws IOException {
            return isRefused(
                    host,
                    Stage1Host.app("/bin/true").toBuilder()
                            .workingDirectory(AbsolutePath.parse("/not/there"))
                            .build());
        }
    };

    private final String sentence;

    Claim(String sentence) {
        this.sentence = sentence;
    }

    /** As the documents have it. */
    String sentence() {
        return sentence;
    }

    /** Whether it is so. */
    abstract boolean holds(Stage1Host host) throws IOException;

    private static String run(RunningPod pod, String name, App app) throws IOException {
        return pod.run(name, app).stdout().strip();
    }

    private static String run(Stage1Host host, String script, Isolator... isolators) throws IOException {
        try (RunningPod pod = host.start(PodOptions.DEFAULT)) {
            var app = Stage1Host.shell(script).toBuilder()
                    .isolators(Isolators.of(isolators))
                    .build();
            return run(pod, "app", app);
        }
    }

    private static boolean says(
            Stage1Host host,
            PodOptions pod,
            UnaryOperator<RuntimeApp> change,
            AppOptions options,
            String script,
            String expected)
            throws IOException {
        try (RunningPod running = host.start(pod)) {
            var app = running.prepare("app", Stage1Host.shell(script), change, options);
            return running.run(app).stdout().strip().equals(expected);
        }
    }

    private static boolean isOwn(Stage1Host host, String namespace) throws IOException {
        String ours =
                Files.readSymbolicLink(Path.of("/proc/self/ns/" + namespace)).toString();
        String theirs = run(host, "readlink /proc/self/ns/" + namespace);
        return theirs.startsWith(namespace) && !theirs.equals(ours);
    }

    private static boolean isRefused(Stage1Host host, App app) throws IOException {
        try (RunningPod pod = host.start(PodOptions.DEFAULT)) {
            pod.run("app", app);
            return false;
        } catch (IOException | AestusException e) {
            return e.getMessage() != null;
        }
    }
}
