package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a child does between its birth and its exec: system calls, one after the other, with all that they point to in one
 * arena. Each entry has a label here, on the Java side; in memory it is a number, six arguments, a place for the result and
 * the errnos that do not matter. A result can be the argument of later entries, so that a descriptor from {@code openat2}
 * flows to {@code move_mount}. The first error that matters ends the child, and its label becomes the exception.
 *
 * <p>Confined to the thread that composes it.
 */
final class SyscallProgram {
    private static final int ENTRY_BYTES = 80;
    private static final int RESULT = 56;
    private static final int IGNORED = 64;
    private static final int INDIRECT = 72;

    private static final int SLAB_BYTES = 16 * 1024;
    private static final long ALL_ERRORS = 1;
    private static final long FIRST_ARGUMENT = 1;
    private static final long THIRD_ARGUMENT = 4;

    private final SegmentAllocator source;
    private final Set<Integer> descriptors = new LinkedHashSet<>();
    private final List<Entry> entries = new ArrayList<>(96);
    private SegmentAllocator slab;
    private long slabLeft;
    private @Nullable MemorySegment code;
    private int written;
    /** What number the first of its descriptors has in the child; 0 where the child has ours. */
    private long firstReceived;

    /** With all its memory from {@code source}, which keeps it as long as the program is needed. */
    SyscallProgram(SegmentAllocator source) {
        this.source = source;
        this.slab = source;
    }

    /** Adds a system call. The label says what is attempted: a plain verb and its object. */
    Entry add(String label, Syscall call, long... arguments) {
        var entry = entry(label, call, arguments);
        entries.add(entry);
        return entry;
    }

    /** Adds entries that were made before. */
    void add(Entry... more) {
        add(List.of(more));
    }

    /** The same. */
    void add(List<Entry> more) {
        entries.addAll(more);
    }

    /** A system call that is not part of the program yet. */
    Entry entry(String label, Syscall call, long... arguments) {
        return new Entry(label, call, arguments);
    }

    /** Puts entries before all others. */
    void addFirst(Entry... first) {
        entries.addAll(0, List.of(first));
    }

    /** The number that a descriptor which the child needs has there. */
    long number(Fd file) {
        int own = file.number();
        boolean isNew = descriptors.add(own);
        if (firstReceived == 0) {
            return own;
        }
        return firstReceived
                + (isNew ? descriptors.size() - 1 : List.copyOf(descriptors).indexOf(own));
    }

    /** All that it needs, in the order in which it was found to. */
    Set<Integer> descriptors() {
        return descriptors;
    }

    /** From here on the child has none of our descriptors but those that it will be sent, numbered from {@code first} on. */
    void receiveFrom(int first) {
        descriptors.clear();
        firstReceived = first;
    }

    /** Zeroed memory that lives as long as the program. */
    MemorySegment memory(long bytes) {
        long rounded = bytes + 15 & ~15L;
        if (rounded > slabLeft) {
            if (rounded > SLAB_BYTES / 4) {
                return source.allocate(rounded, 16);
            }
            slab = SegmentAllocator.slicingAllocator(source.allocate(SLAB_BYTES, 16));
            slabLeft = SLAB_BYTES;
        }
        slabLeft -= rounded;
        return slab.allocate(rounded, 16);
    }

    /** The address of a text and its NUL. */
    long text(String text) {
        return bytes(FileName.encode(text), 1);
    }

    /** The address of these bytes. */
    long bytes(byte[] bytes) {
        return bytes(bytes, 0);
    }

    private long bytes(byte[] bytes, int padding) {
        MemorySegment result = memory(bytes.length + (long) padding);
        MemorySegment.copy(bytes, 0, result, JAVA_BYTE, 0, bytes.length);
        return result.address();
    }

    /** How many entries there are so far. */
    int size() {
        return entries.size();
    }

    /** Makes entry {@code n} a call that no kernel has: for tests, that see what its failure leaves behind. */
    Entry spoil(int n) {
        Entry entry = entries.get(n);
        entry.isSpoilt = true;
        return entry;
    }

    /** The address of these numbers. */
    long longs(long... numbers) {
        MemorySegment result = memory(numbers.length * 8L);
        MemorySegment.copy(numbers, 0, result, JAVA_LONG, 0, numbers.length);
        return result.address();
    }

    /** The address of an array of texts that ends in NULL, as exec takes it. */
    long texts(List<String> texts) {
        return texts(texts, null);
    }

    /** The same with one more, which is in memory already. */
    long texts(List<String> texts, @Nullable MemorySegment another) {
        MemorySegment result = memory((texts.size() + 2) * 8L);
        for (int i = 0; i < texts.size(); i++) {
            result.setAtIndex(JAVA_LONG, i, text(texts.get(i)));
        }
        if (another != null) {
            result.setAtIndex(JAVA_LONG, texts.size(), another.address());
        }
        return result.address();
    }

    /** Lays the entries out; returns the address of the first. */
    long assemble() {
        return assemble(0);
    }

    /** The same with room for some more behind them. */
    long assemble(int more) {
        code = memory((entries.size() + (long) more) * ENTRY_BYTES);
        written = 0;
        assembleRest();
        return code.address();
    }

    /**
     * Lays out what was added since, where the child will come to it.
     *
     * @throws IllegalStateException if that is more than there is room for
     */
    void assembleRest() {
        MemorySegment room = Objects.requireNonNull(code);
        if ((long) entries.size() * ENTRY_BYTES > room.byteSize()) {
            throw new IllegalStateException("a program has no room for " + entries.size() + " steps");
        }
        for (; written < entries.size(); written++) {
            entries.get(written).write(room, (long) written * ENTRY_BYTES);
        }
    }

    private long offset(long address) {
        return address - Objects.requireNonNull(code).address();
    }

    /** The entry at an address that the child was at. */
    Entry at(long address) {
        return entries.get((int) (offset(address) / ENTRY_BYTES));
    }

    /** Whether an entry lies at an address. */
    boolean contains(long address) {
        long offset = offset(address);
        return offset >= 0 && offset < (long) entries.size() * ENTRY_BYTES && offset % ENTRY_BYTES == 0;
    }

    /** Sets what came of the entry whose result is there, for a program whose memory another process has; else does nothing. */
    void setOutcome(long slot, long value) {
        for (Entry entry : entries) {
            if (entry.slot != null && entry.slot.memory.address() == slot) {
                entry.slot.memory.set(JAVA_LONG, 0, value);
            }
        }
    }

    /**
     * Why a launch failed. Among programs that were tried one after the other, one that is there but may not be executed says
     * more than the last.
     */
    LaunchException failure(Entry last, int errno) {
        if (last.isExec()) {
            for (Entry entry : entries) {
                if (entry.isExec() && entry.outcome() == -Errno.EACCES) {
                    return LaunchException.ofProgram(entry.label, Errno.EACCES);
                }
            }
            return LaunchException.ofProgram(last.label, errno);
        }
        return new LaunchException(last.label, errno);
    }

    /** Where an entry leaves its result for later ones. */
    record Slot(MemorySegment memory) {
        long value() {
            return memory.get(JAVA_LONG, 0);
        }
    }

    /** One system call of the program. */
    final class Entry {
        private final String label;
        private final Syscall call;
        private final long[] arguments;
        private @Nullable Slot slot;
        private long ignored;
        private long indirect;
        private boolean isSpoilt;

        private Entry(String label, Syscall call, long[] arguments) {
            if (arguments.length > 6) throw new IllegalArgumentException("more than six arguments");
            this.label = label;
            this.call = call;
            this.arguments = arguments;
        }

        String label() {
            return label;
        }

        /** What it came to, if {@link #result} was asked for before the launch; 0 before it was made. */
        long outcome() {
            return slot == null ? 0 : slot.value();
        }

        boolean isExec() {
            return call == Syscall.EXECVE || call == Syscall.EXECVEAT;
        }

        /** Goes on after one of these; each below 64. */
        Entry ignoring(int... errnos) {
            for (int errno : errnos) {
                if (errno < 1 || errno > 63) throw new IllegalArgumentException("errno " + errno);
                ignored |= 1L << errno;
            }
            return this;
        }

        /** Goes on after any error. */
        Entry ignoringErrors() {
            ignored |= ALL_ERRORS;
            return this;
        }

        /** Takes what an earlier entry left as its first argument, in place of the one given. */
        Entry first(Slot slot) {
            arguments[0] = slot.memory.address();
            indirect |= FIRST_ARGUMENT;
            return this;
        }

        /** Takes what an earlier entry left as its third argument, in place of the one given. */
        Entry third(Slot slot) {
            arguments[2] = slot.memory.address();
            indirect |= THIRD_ARGUMENT;
            return this;
        }

        /** Where its result, or -errno, will be. */
        Slot result() {
            return result(memory(8));
        }

        /** The same, there. */
        Slot result(MemorySegment where) {
            slot = new Slot(where);
            return slot;
        }

        private void write(MemorySegment code, long at) {
            code.set(JAVA_LONG, at, isSpoilt ? -1 : call.number());
            for (int i = 0; i < arguments.length; i++) {
                code.set(JAVA_LONG, at + 8 + 8L * i, arguments[i]);
            }
            code.set(JAVA_LONG, at + RESULT, slot == null ? 0 : slot.memory.address());
            code.set(JAVA_LONG, at + IGNORED, ignored);
            code.set(JAVA_LONG, at + INDIRECT, indirect);
        }
    }
}
