package io.aestus.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Memory at an address that is free in a new process too, so that what is laid out in it, with pointers into itself, can be
 * given to one as it is. Confined to one thread at a time.
 */
final class FixedMemory implements SegmentAllocator, AutoCloseable {
    private static final int PROT_READ = 1;
    private static final int PROT_WRITE = 2;
    private static final int MAP_PRIVATE = 2;
    private static final int MAP_ANONYMOUS = 0x20;
    private static final int MAP_NORESERVE = 0x4000;
    private static final int MAP_FIXED_NOREPLACE = 0x100000;
    /** More than the arguments and environment that the kernel takes; only what is used becomes memory. */
    private static final long BYTES = 4 << 20;
    /** Below where either architecture puts programs, libraries and stacks, and above {@link ElfImage#BASE}. */
    private static final long FIRST_ADDRESS = ElfImage.BASE + (1L << 32);

    private static final int PLACES = 4096;
    private static final AtomicInteger NEXT = new AtomicInteger();

    private final MemorySegment memory;
    private final SegmentAllocator rest;
    private long used;

    private FixedMemory(long address) {
        this.memory = Libc.memory(address, BYTES);
        this.rest = SegmentAllocator.slicingAllocator(memory);
    }

    /** Takes a place that this process does not use. */
    static FixedMemory open() throws SyscallException {
        Result result = new Result.Failed(Errno.EEXIST);
        for (int tries = 0; tries < PLACES && result.failedWith(Errno.EEXIST); tries++) {
            long place = FIRST_ADDRESS + Math.floorMod(NEXT.getAndIncrement(), PLACES) * BYTES;
            int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE;
            result = Libc.call(Syscall.MMAP, place, BYTES, PROT_READ | PROT_WRITE, flags, -1, 0);
        }
        return new FixedMemory(result.orThrow("map memory for a child apart"));
    }

    @Override
    public MemorySegment allocate(long bytes, long alignment) {
        MemorySegment part = rest.allocate(bytes, alignment);
        used = part.address() + bytes - memory.address();
        return part;
    }

    long address() {
        return memory.address();
    }

    /** All that was allocated, as it is now. */
    MemorySegment content() {
        return memory.asSlice(0, used);
    }

    @Override
    public void close() {
        if (Libc.call(Syscall.MUNMAP, memory.address(), BYTES) instanceof Result.Failed(int errno)) {
            throw new IllegalStateException("cannot unmap memory of ours: " + Errno.describe(errno));
        }
    }
}
