package io.aestus.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Attaches {@link DeviceProgram}s to cgroups of version 2. An attachment lives as long as its cgroup: a restart of ours needs
 * nothing.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/bpf.2.html">bpf(2)</a>
 */
class DeviceFilters {
    private static final int INSTRUCTION_BYTES = 8;
    private static final int BPF_PROG_LOAD = 5;
    private static final int BPF_PROG_ATTACH = 8;
    private static final int BPF_PROG_DETACH = 9;
    private static final int BPF_PROG_GET_FD_BY_ID = 13;
    private static final int BPF_PROG_QUERY = 16;
    private static final int BPF_PROG_TYPE_CGROUP_DEVICE = 15;
    private static final int BPF_CGROUP_DEVICE = 6;

    /** Also what our parents attached goes on to decide; all must allow. */
    private static final int BPF_F_ALLOW_MULTI = 2;

    // union bpf_attr of <linux/bpf.h>: always whole, and zero beyond what a command uses
    private static final int ATTRIBUTE_BYTES = 144;
    private static final int LOAD_TYPE = 0;
    private static final int LOAD_COUNT = 4;
    private static final int LOAD_INSTRUCTIONS = 8;
    private static final int LOAD_LICENSE = 16;
    private static final int LOAD_LOG_LEVEL = 24;
    private static final int LOAD_LOG_SIZE = 28;
    private static final int LOAD_LOG = 32;
    private static final int ATTACH_TARGET = 0;
    private static final int ATTACH_PROGRAM = 4;
    private static final int ATTACH_TYPE = 8;
    private static final int ATTACH_FLAGS = 12;
    private static final int QUERY_TARGET = 0;
    private static final int QUERY_TYPE = 4;
    private static final int QUERY_IDS = 16;
    private static final int QUERY_COUNT = 24;

    private static final int MOST_PROGRAMS = 64; // that the kernel attaches to one cgroup
    private static final int LOG_BYTES = 16 * 1024;

    /** Lets {@code rules} alone decide for the members of {@code cgroup}; what its parents refuse stays refused. */
    void replace(Path cgroup, List<DeviceRule> rules) throws IOException {
        try (var directory = Directory.open(cgroup);
                Fd program = load(rules)) {
            List<Integer> before = attached(directory.fd());
            attach(directory.fd(), program, cgroup); // first, so that there is no moment without a filter
            for (int id : before) {
                detach(directory.fd(), id);
            }
        }
    }

    /** Loads the program; if the kernel's verifier refuses it, its words go into the exception. */
    static Fd load(List<DeviceRule> rules) throws SyscallException {
        byte[] code = DeviceProgram.of(rules);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment log = arena.allocate(LOG_BYTES);
            MemorySegment attribute = attribute(arena);
            attribute.set(JAVA_INT, LOAD_TYPE, BPF_PROG_TYPE_CGROUP_DEVICE);
            attribute.set(JAVA_INT, LOAD_COUNT, code.length / INSTRUCTION_BYTES);
            attribute.set(ADDRESS, LOAD_INSTRUCTIONS, arena.allocateFrom(JAVA_BYTE, code));
            attribute.set(ADDRESS, LOAD_LICENSE, arena.allocateFrom("Apache-2.0"));
            attribute.set(JAVA_INT, LOAD_LOG_LEVEL, 1);
            attribute.set(JAVA_INT, LOAD_LOG_SIZE, LOG_BYTES);
            attribute.set(ADDRESS, LOAD_LOG, log);
            return switch (bpf(BPF_PROG_LOAD, attribute)) {
                case Result.Done(long number) -> Fd.owning(number);
                case Result.Failed(int errno) -> {
                    String said = log.getString(0, StandardCharsets.US_ASCII).strip();
                    String what = "load a device filter";
                    throw new SyscallException(said.isEmpty() ? what : what + " (" + said + ")", errno);
                }
            };
        }
    }

    private static void attach(Fd cgroup, Fd program, Path path) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attribute = attribute(arena);
            attribute.set(JAVA_INT, ATTACH_TARGET, cgroup.number());
            attribute.set(JAVA_INT, ATTACH_PROGRAM, program.number());
            attribute.set(JAVA_INT, ATTACH_TYPE, BPF_CGROUP_DEVICE);
            attribute.set(JAVA_INT, ATTACH_FLAGS, BPF_F_ALLOW_MULTI);
            bpf(BPF_PROG_ATTACH, attribute).orThrow("attach a device filter to " + path);
        }
    }

    /** The IDs of the programs attached to this cgroup itself. */
    static List<Integer> attached(Fd cgroup) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ids = arena.allocate(JAVA_INT, MOST_PROGRAMS);
            MemorySegment attribute = attribute(arena);
            attribute.set(JAVA_INT, QUERY_TARGET, cgroup.number());
            attribute.set(JAVA_INT, QUERY_TYPE, BPF_CGROUP_DEVICE);
            attribute.set(ADDRESS, QUERY_IDS, ids);
            attribute.set(JAVA_INT, QUERY_COUNT, MOST_PROGRAMS);
            bpf(BPF_PROG_QUERY, attribute).orThrow("list device filters");
            var found = new ArrayList<Integer>();
            for (int i = 0; i < attribute.get(JAVA_INT, QUERY_COUNT); i++) {
                found.add(ids.getAtIndex(JAVA_INT, i));
            }
            return found;
        }
    }

    private static void detach(Fd cgroup, int id) throws SyscallException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment byId = attribute(arena);
            byId.set(JAVA_INT, 0, id);
            Result number = bpf(BPF_PROG_GET_FD_BY_ID, byId);
            if (number.failedWith(Errno.ENOENT)) {
                return; // somebody detached it
            }
            try (Fd program = Fd.owning(number.orThrow("find a device filter"))) {
                MemorySegment attribute = attribute(arena);
                attribute.set(JAVA_INT, ATTACH_TARGET, cgroup.number());
                attribute.set(JAVA_INT, ATTACH_PROGRAM, program.number());
                attribute.set(JAVA_INT, ATTACH_TYPE, BPF_CGROUP_DEVICE);
                Result detached = bpf(BPF_PROG_DETACH, attribute);
                if (!detached.failedWith(Errno.ENOENT)) {
                    detached.orThrow("detach a device filter");
                }
            }
        }
    }

    private static MemorySegment attribute(Arena arena) {
        return arena.allocate(ATTRIBUTE_BYTES, Long.BYTES);
    }

    private static Result bpf(int command, MemorySegment attribute) {
        return Libc.call(Syscall.BPF, command, attribute.address(), attribute.byteSize());
    }
}
