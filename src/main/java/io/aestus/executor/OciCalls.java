package io.aestus.executor;

import io.aestus.executor.Stage1.AppPlace;
import io.aestus.executor.Stage1.ExecStart;
import io.aestus.executor.Stage1.PodPlace;
import io.aestus.linux.Cgroup;
import io.aestus.linux.CgroupPart;
import io.aestus.linux.ChildMounts;
import io.aestus.linux.ChildProgram;
import io.aestus.linux.Directory;
import io.aestus.linux.Fd;
import io.aestus.linux.Namespace;
import io.aestus.linux.Namespaces;
import io.aestus.linux.PidFd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The runs of an {@link OciRuntime} that an app needs: where each takes place, and what it sees. */
final class OciCalls {
    /** Of what the pod's first process sees, what every app has too. */
    private static final List<String> SHARED =
            List.of(PodTemplate.SHM, PodTemplate.MQUEUE, PodTemplate.ETC, PodTemplate.SYS);

    private static final OciRuntime.Preparation NOTHING = _ -> {};
    private static final String ANSWER = "answer";

    private final OciRuntime runtime;
    private final Groundwork ground;

    OciCalls(OciRuntime runtime, Groundwork ground) {
        this.runtime = runtime;
        this.ground = ground;
    }

    /** Where the runtime keeps what it knows of a pod's containers. */
    static Path state(PodPlace pod) {
        return PodConfiguration.directory(pod.directory()).resolve("oci");
    }

    /** {@code create}: in the cgroup of the app, so that whoever ends the app ends it too. */
    void create(OciContainer container, OciDesk desk, List<String> words, List<Fd> streams) throws IOException {
        AppPlace place = container.setting().place();
        container.makePlaces(desk.directory());
        for (String shared : SHARED) {
            desk.directory().makeDirectory(shared.substring(1), 0755);
        }
        Map<String, ChildMounts.Detached> copies = new LinkedHashMap<>();
        Files.createDirectories(state(place.pod()));
        Cgroup cgroup = ground.cgroups().open(AppLauncher.cgroup(place));
        try (Fd own = Namespaces.of(ProcessHandle.current().pid(), Namespace.MOUNT);
                var entry = entry(place, cgroup)) {
            run(
                    place.pod(),
                    new OciRuntime.Run(
                            desk,
                            state(place.pod()),
                            words,
                            streams,
                            cgroup,
                            Optional.of(entry),
                            child -> copyShared(child, container, own, copies),
                            child -> attach(child, container, copies),
                            NOTHING));
        }
    }

    /**
     * Where a container is created. In version 2 a runtime that sees to cgroups itself is not in the app's: to undo a container
     * it freezes that one first, and would wait for ever, being frozen with it.
     */
    private CgroupEntry entry(AppPlace place, Cgroup cgroup) throws IOException {
        if (runtime.manner().leavesCgroups()) {
            return CgroupEntry.open(cgroup);
        }
        return cgroup.startsInside() ? outside(place.pod()) : CgroupEntry.openUnlimited(cgroup);
    }

    /** Goes to where the first process is, for copies of what it sees, and comes back. */
    private static void copyShared(
            ChildProgram child, OciContainer container, Fd own, Map<String, ChildMounts.Detached> copies) {
        child.joinNamespaces(container.setting().firstProcess(), Set.of(Namespace.MOUNT));
        for (String path : SHARED) {
            copies.put(path, child.mounts().copyOf(path));
        }
        child.enter(own, Namespace.MOUNT);
    }

    private void attach(ChildProgram child, OciContainer container, Map<String, ChildMounts.Detached> copies) {
        copies.forEach((path, copy) -> child.mounts().attach(copy, OciDesk.PLACE + path, "attach " + path));
        container.addTo(child.mounts(), runtime.manner());
    }

    /** {@code exec}: in a part of the app's cgroup, which {@code undo} removes. */
    void exec(ExecStart start, OciDesk desk, List<String> words, String id, List<Fd> streams, Cleanup undo)
            throws IOException {
        AppPlace place = start.place();
        Cgroup app = ground.cgroups().open(AppLauncher.cgroup(place));
        var all = new ArrayList<>(words);
        try (var entry = runtime.manner().leavesCgroups() ? enterPart(app, start, undo) : outside(place.pod())) {
            if (!runtime.manner().leavesCgroups()) {
                makePart(app, place, start.session(), undo);
                if (runtime.executesInParts()) {
                    all.addAll(List.of("--cgroup", OciLauncher.part(start.session())));
                }
            }
            all.add(id);
            run(place.pod(), desk, app, all, streams, Optional.of(entry));
        }
    }

    private static CgroupEntry enterPart(Cgroup app, ExecStart start, Cleanup undo) throws IOException {
        CgroupPart part = app.part(start.session());
        part.create();
        undo.add(part::removeIfEmpty);
        return CgroupEntry.open(app, part, start.process().pid());
    }

    /** Wherever the app is; in version 2 without a controller, which an app's cgroup cannot hand on, having processes. */
    private void makePart(Cgroup app, AppPlace place, String session, Cleanup undo) throws IOException {
        Cgroup part;
        if (app.startsInside()) {
            app.part(session).create();
            part = ground.cgroups().open(OciLauncher.part(place, session));
        } else {
            part = ground.cgroups().create(OciLauncher.part(place, session));
        }
        undo.add(() -> part.remove(CgroupStage1.REMOVE_LIMIT));
    }

    /** {@code start}: ends with the pod at the latest. */
    void start(AppPlace place, String id) throws IOException {
        tell(place, List.of("start", id));
    }

    /** {@code delete}: which goes on when the pod is ended. */
    void delete(AppPlace place, String id) throws IOException {
        tell(place.pod(), AppLauncher.cgroup(place), List.of("delete", "--force", id), Optional.empty());
    }

    /** A command of which nothing but its success matters. */
    void tell(AppPlace place, List<String> words) throws IOException {
        try (var entry = outside(place.pod())) {
            tell(place.pod(), AppLauncher.cgroup(place), words, Optional.of(entry));
        }
    }

    /** One that is for a container of a pod, whatever app it is of. */
    void tell(PodPlace pod, List<String> words) throws IOException {
        try (var entry = outside(pod)) {
            tell(pod, pod.cgroup(), words, Optional.of(entry));
        }
    }

    private void tell(PodPlace pod, String cgroup, List<String> words, Optional<CgroupEntry> entry) throws IOException {
        try (var desk = OciDesk.make();
                Fd nothing = desk.nothing()) {
            run(pod, desk, ground.cgroups().open(cgroup), words, List.of(nothing, nothing, nothing), entry);
        }
    }

    /** What a command for a container of a pod answers. */
    String ask(PodPlace pod, List<String> words) throws IOException {
        try (var entry = outside(pod);
                var desk = OciDesk.make();
                Fd nothing = desk.nothing();
                Fd answer = desk.directory().createFile(ANSWER, 0600)) {
            List<Fd> streams = List.of(nothing, answer, nothing);
            run(pod, desk, ground.cgroups().open(pod.cgroup()), words, streams, Optional.of(entry));
            return desk.read(ANSWER);
        }
    }

    private void run(
            PodPlace pod,
            OciDesk desk,
            Cgroup cgroup,
            List<String> words,
            List<Fd> streams,
            Optional<CgroupEntry> entry)
            throws IOException {
        run(pod, new OciRuntime.Run(desk, state(pod), words, streams, cgroup, entry, NOTHING, NOTHING, NOTHING));
    }

    private void run(PodPlace pod, OciRuntime.Run run) throws IOException {
        if (!runtime.manner().isKernel()) {
            runtime.run(run);
            return;
        }
        PodContext context = PodContext.read(pod.record());
        UserRange users = context.users();
        try (PidFd first = PidFd.open(context.firstProcess())
                .orElseThrow(() -> new IOException("the pod's first process is gone"))) {
            if (users.isPrivate()) {
                run.desk().giveTo(users.base());
                giveTo(users.base(), run.state());
            }
            runtime.run(run.becoming(child -> join(child, pod, first)));
        }
    }

    private static void giveTo(int user, Path state) throws IOException {
        try (Directory directory = Directory.open(state)) {
            directory.fd().chown(user, user);
        }
    }

    /** A runtime that joins no namespaces itself. Those of the host nobody need join. */
    private static void join(ChildProgram child, PodPlace pod, PidFd first) {
        var joined = EnumSet.noneOf(Namespace.class);
        if (pod.options().network() != PodOptions.NetworkMode.HOST) {
            joined.add(Namespace.NETWORK);
        }
        boolean hasUsers = PodContext.read(pod.record()).users().isPrivate();
        if (hasUsers) {
            joined.add(Namespace.USER);
        }
        if (!joined.isEmpty()) {
            child.joinNamespaces(first, joined);
        }
        if (hasUsers) {
            child.rights().becomeRoot();
        }
    }

    /** With the first process: not limited as the app is, and gone with the pod. */
    private CgroupEntry outside(PodPlace pod) throws IOException {
        Cgroup cgroup = ground.cgroups().open(pod.cgroup());
        return CgroupEntry.openUnlimited(
                cgroup.startsInside() ? ground.cgroups().open(PodShells.firstProcessCgroup(pod.cgroup())) : cgroup);
    }
}
