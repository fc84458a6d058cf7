package io.aestus.executor;

import io.aestus.linux.Cgroup;
import io.aestus.linux.CgroupPart;
import io.aestus.linux.ChildProgram;
import io.aestus.linux.Directory;
import io.aestus.linux.Fd;
import io.aestus.linux.LaunchOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How a child gets into its cgroup: born there where the kernel can do that, else by its own first steps. */
final class CgroupEntry implements AutoCloseable {
    private final Optional<Directory> birthplace;
    private final List<Fd> members;

    private CgroupEntry(Optional<Directory> birthplace, List<Fd> members) {
        this.birthplace = birthplace;
        this.members = members;
    }

    static CgroupEntry open(Cgroup cgroup) throws IOException {
        return open(cgroup.memberFiles(), cgroup.unifiedDirectory());
    }

    /** The same into a part of it, beside one of its processes. */
    static CgroupEntry open(Cgroup cgroup, CgroupPart part, long process) throws IOException {
        var files = new ArrayList<>(cgroup.memberFiles(process));
        files.addAll(part.memberFiles());
        return open(files, part.unifiedDirectory().or(cgroup::unifiedDirectory));
    }

    private static CgroupEntry open(List<Path> files, Optional<Path> birthplace) throws IOException {
        var members = new ArrayList<Fd>();
        try {
            for (Path file : files) {
                members.add(Fd.openForWriting(file));
            }
            return new CgroupEntry(
                    birthplace.isPresent() ? Optional.of(Directory.open(birthplace.get())) : Optional.empty(),
                    List.copyOf(members));
        } catch (IOException e) {
            members.forEach(Fd::close);
            throw e;
        }
    }

    /** For a process that needs no limits, only to be found and killed with the others: the unified tree is enough. */
    static CgroupEntry openUnlimited(Cgroup cgroup) throws IOException {
        Optional<Path> unified = cgroup.unifiedDirectory();
        return unified.isPresent()
                ? new CgroupEntry(Optional.of(Directory.open(unified.get())), List.of())
                : open(cgroup);
    }

    void addTo(ChildProgram child) {
        for (Fd file : members) {
            child.write(file, "0", "join the cgroup");
        }
    }

    LaunchOptions addTo(LaunchOptions options) {
        return birthplace.isPresent() ? options.inCgroup(birthplace.get().fd()) : options;
    }

    @Override
    public void close() {
        birthplace.ifPresent(Directory::close);
        members.forEach(Fd::close);
    }
}
