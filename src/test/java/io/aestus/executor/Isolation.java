package io.aestus.executor;

import io.aestus.appc.PodUuid;
import io.aestus.testing.CgroupTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Which stage1 a test runs on. */
enum Isolation {
    /** None at all: see {@link PlainStage1}. */
    PLAIN {
        @Override
        Stage1 open(Path directory) throws IOException {
            return new PlainStage1();
        }

        @Override
        List<String> left(Path directory) throws IOException {
            return PlainStage1.processes("plain/" + Node.cgroupParent(directory)).stream()
                    .map(pid -> "process " + pid)
                    .toList();
        }

        @Override
        List<Long> processes(Path directory, PodUuid pod, String app) throws IOException {
            return PlainStage1.processes("plain/" + Node.cgroupParent(directory) + "/" + pod + "/" + app);
        }
    },
    /** The built-in one, with an image of one busybox; needs root, as all that follow. */
    NATIVE {
        @Override
        Stage1Name stage1Name() {
            return new Stage1Name.Native();
        }

        @Override
        ExecutorConfig config(Path directory) {
            return super.config(directory).withMetadata(Node::greet);
        }
    },
    /** The built-in one where the kernel does not remember how processes ended. */
    NATIVE_WITH_KEEPER {
        @Override
        Stage1Name stage1Name() {
            return new Stage1Name.Native();
        }

        @Override
        ExecutorConfig config(Path directory) {
            return super.config(directory).withExits(ExitMemory.KEEPER);
        }
    },
    /** The built-in one with pods made ahead, which are at the usual place alone. */
    NATIVE_AHEAD {
        @Override
        Stage1Name stage1Name() {
            return new Stage1Name.Native();
        }

        @Override
        Stage1 open(Path directory) throws IOException {
            return Stage1Host.withSpares(directory, 2).stage1;
        }

        @Override
        boolean isAtUsualPlace() {
            return true;
        }

        @Override
        Isolation successor() {
            return NATIVE; // whose own pods made ahead would be there too
        }

        @Override
        List<String> left(Path directory) throws IOException {
            var left = new ArrayList<String>();
            for (String kind : List.of("spares", "ready", "users")) {
                try (var files = Files.list(directory.resolve(kind))) {
                    files.forEach(file -> left.add(kind + "/" + file.getFileName()));
                }
            }
            return left;
        }
    },
    /** Roots and limits alone. */
    FLY {
        @Override
        Stage1Name stage1Name() {
            return new Stage1Name.Fly();
        }
    },
    /** Apps as containers of crun. */
    OCI_CRUN {
        @Override
        Stage1Name stage1Name() {
            return runtime("crun");
        }

        @Override
        boolean isThere() {
            return isRuntime("crun");
        }
    },
    /** Apps as containers of runc, which sees to cgroups itself. */
    OCI_RUNC {
        @Override
        Stage1Name stage1Name() {
            return runtime("runc");
        }

        @Override
        boolean isThere() {
            return isRuntime("runc");
        }
    },
    /** Apps as containers of runsc, each in a kernel of its own. */
    OCI_RUNSC {
        @Override
        Stage1Name stage1Name() {
            return new Stage1Name.Oci(Gvisor.runsc());
        }

        @Override
        boolean isThere() {
            return Gvisor.isThere();
        }

        @Override
        boolean isKernel() {
            return true;
        }

        @Override
        int processCount(Path directory, PodUuid pod, String app) throws IOException {
            return Gvisor.processes(directory, pod, app);
        }
    };

    private static Stage1Name runtime(String name) {
        return Stage1Name.parse("oci:" + name);
    }

    private static boolean isRuntime(String name) {
        return Files.exists(Path.of("/usr/bin", name)) || Files.exists(Path.of("/usr/sbin", name));
    }

    /** What it is called. */
    Stage1Name stage1Name() {
        throw new IllegalStateException(this + " has no name that users know");
    }

    /** Whether each app is a kernel of its own: which passes no descriptors to who is outside, and shows no processes of neighbours. */
    boolean isKernel() {
        return false;
    }

    /** Whether its pods have the cgroups that pods usually have, and not some of this test's. */
    boolean isAtUsualPlace() {
        return false;
    }

    /** What another owner has that takes over. */
    Isolation successor() {
        return this;
    }

    /** Whether this host has it. */
    boolean isThere() {
        return true;
    }

    Stage1 open(Path directory) throws IOException {
        return new Stage1Host(directory, stage1Name()).stage1;
    }

    /** How pods are used; with a metadata service where its listeners can be opened. */
    ExecutorConfig config(Path directory) {
        return ExecutorConfig.of(directory);
    }

    /** What is left of the pods of a directory. */
    List<String> left(Path directory) throws IOException {
        var left = new ArrayList<String>();
        for (Path hierarchy : CgroupTrees.roots()) {
            left.addAll(pods(hierarchy.resolve(Node.cgroupParent(directory))));
        }
        return left;
    }

    /** How many processes an app has, as it sees them itself. */
    int processCount(Path directory, PodUuid pod, String app) throws IOException {
        return processes(directory, pod, app).size();
    }

    /** The processes of an app, as the host counts. */
    List<Long> processes(Path directory, PodUuid pod, String app) throws IOException {
        var found = new TreeSet<Long>();
        for (Path hierarchy : CgroupTrees.roots()) {
            Path cgroup = hierarchy
                    .resolve(Node.cgroupParent(directory))
                    .resolve(pod.toString())
                    .resolve(app);
            if (Files.isDirectory(cgroup)) {
                addMembers(cgroup, found);
            }
        }
        return List.copyOf(found);
    }

    private static void addMembers(Path cgroup, Set<Long> found) throws IOException {
        try {
            Files.readAllLines(cgroup.resolve("cgroup.procs")).forEach(pid -> found.add(Long.parseLong(pid)));
            try (var children = Files.newDirectoryStream(cgroup, Files::isDirectory)) {
                for (Path child : children) {
                    addMembers(child, found);
                }
            }
        } catch (IOException e) {
            if (Files.exists(cgroup)) { // else it is gone, with all its members
                throw e;
            }
        }
    }

    /** The cgroups of pods; if there are none, their parent, which the executor leaves, goes too. */
    private static List<String> pods(Path parent) throws IOException {
        if (!Files.isDirectory(parent)) {
            return List.of();
        }
        var found = new ArrayList<String>();
        try (var entries = Files.newDirectoryStream(parent, Files::isDirectory)) {
            entries.forEach(entry -> found.add("cgroup " + entry));
        }
        if (found.isEmpty()) {
            Files.delete(parent);
        }
        return found;
    }
}
