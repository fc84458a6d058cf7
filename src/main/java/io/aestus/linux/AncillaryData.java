package io.aestus.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A {@code struct msghdr} with room for bytes, for descriptors, and for what the kernel says of the sender: what {@code sendmsg}
 * and {@code recvmsg} take.
 */
final class AncillaryData {
    /** {@code SCM_MAX_FD}: what the kernel takes in one message. */
    static final int MAX_DESCRIPTORS = 253;

    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;
    private static final int SCM_CREDENTIALS = 2;
    private static final int SCM_PIDFD = 4; // Linux 6.5
    private static final int MSG_TRUNC = 0x20;
    private static final int MSG_CTRUNC = 0x8;

    // struct msghdr, struct cmsghdr and struct iovec of <bits/socket.h>, <bits/uio.h>
    private static final int HEADER_BYTES = 56;
    private static final int VECTOR = 16;
    private static final int VECTOR_COUNT = 24;
    private static final int CONTROL = 32;
    private static final int CONTROL_LENGTH = 40;
    private static final int FLAGS = 48;
    private static final int CONTROL_HEADER_BYTES = 16;
    private static final int LEVEL = 8;
    private static final int TYPE = 12;
    private static final int VECTOR_BYTES = 16;

    /** A {@code struct ucred} and a descriptor, each with its header. */
    private static final int SENDER_BYTES = 32 + 24;

    private final MemorySegment header;
    private final MemorySegment bytes;
    private final MemorySegment control;

    private AncillaryData(SegmentAllocator memory, long byteCount, int descriptorCount, long moreControlBytes) {
        header = memory.allocate(HEADER_BYTES, Long.BYTES);
        bytes = memory.allocate(Math.max(1, byteCount), Long.BYTES);
        control = memory.allocate(controlBytes(descriptorCount) + moreControlBytes, Long.BYTES);
        MemorySegment vector = memory.allocate(VECTOR_BYTES, Long.BYTES);
        vector.set(ADDRESS, 0, bytes);
        vector.set(JAVA_LONG, Long.BYTES, byteCount);
        header.set(ADDRESS, VECTOR, vector);
        header.set(JAVA_LONG, VECTOR_COUNT, 1);
        header.set(ADDRESS, CONTROL, control);
        header.set(JAVA_LONG, CONTROL_LENGTH, descriptorCount == 0 ? 0 : control.byteSize());
    }

    /** Data are aligned to eight bytes. */
    private static long controlBytes(int descriptorCount) {
        long length = CONTROL_HEADER_BYTES + (long) Integer.BYTES * descriptorCount;
        return (length + Long.BYTES - 1) & -Long.BYTES;
    }

    static AncillaryData toSend(SegmentAllocator memory, byte[] content, List<Fd> descriptors) {
        return toSend(memory, content, descriptors.stream().map(Fd::number).toList());
    }

    /** The same by their numbers. */
    static AncillaryData toSend(SegmentAllocator memory, byte[] content, Collection<Integer> descriptors) {
        var message = new AncillaryData(memory, content.length, descriptors.size(), 0);
        MemorySegment.copy(content, 0, message.bytes, JAVA_BYTE, 0, content.length);
        if (!descriptors.isEmpty()) {
            MemorySegment control = message.control;
            control.set(JAVA_LONG, 0, CONTROL_HEADER_BYTES + (long) Integer.BYTES * descriptors.size());
            control.set(JAVA_INT, LEVEL, SOL_SOCKET);
            control.set(JAVA_INT, TYPE, SCM_RIGHTS);
            long at = CONTROL_HEADER_BYTES;
            for (int number : descriptors) {
                control.set(JAVA_INT, at, number);
                at += Integer.BYTES;
            }
        }
        return message;
    }

    static AncillaryData toReceive(SegmentAllocator memory, int maxBytes) {
        return new AncillaryData(memory, maxBytes, MAX_DESCRIPTORS, SENDER_BYTES);
    }

    MemorySegment header() {
        return header;
    }

    /** Where its bytes are. */
    MemorySegment bytes() {
        return bytes;
    }

    /** The bytes received, given what {@code recvmsg} returned. */
    byte[] content(long count) {
        return bytes.asSlice(0, count).toArray(JAVA_BYTE);
    }

    /** Takes the descriptors received. */
    List<Fd> takeDescriptors() {
        return parts(SCM_RIGHTS).stream()
                .flatMap(part -> IntStream.range(0, (int) (part.byteSize() / Integer.BYTES))
                        .mapToObj(i -> Fd.owning(part.getAtIndex(JAVA_INT, i))))
                .toList();
    }

    /** Who sent it, as this process counts; 0 unless the socket asks for that, or if it is none of our processes. */
    long sender() {
        return parts(SCM_CREDENTIALS).stream()
                .mapToLong(part -> part.get(JAVA_INT, 0))
                .findFirst()
                .orElse(0);
    }

    /** Takes a handle of who sent it; empty unless the socket asks for that, or if the kernel has none to give. */
    Optional<Fd> takeSender() {
        return parts(SCM_PIDFD).stream()
                .map(part -> part.get(JAVA_INT, 0))
                .filter(number -> number >= 0)
                .map(Fd::owning)
                .findFirst();
    }

    /** The content of what was received of one kind. */
    private List<MemorySegment> parts(int type) {
        var found = new ArrayList<MemorySegment>();
        long used = header.get(JAVA_LONG, CONTROL_LENGTH);
        for (long at = 0; at + CONTROL_HEADER_BYTES <= used; ) {
            long length = control.get(JAVA_LONG, at);
            if (control.get(JAVA_INT, at + LEVEL) == SOL_SOCKET && control.get(JAVA_INT, at + TYPE) == type) {
                found.add(control.asSlice(at + CONTROL_HEADER_BYTES, length - CONTROL_HEADER_BYTES));
            }
            at += (length + Long.BYTES - 1) & -Long.BYTES;
        }
        return found;
    }

    /** Whether something did not fit, or could not be handed over for want of descriptors. */
    boolean isTruncated() {
        return (header.get(JAVA_INT, FLAGS) & (MSG_TRUNC | MSG_CTRUNC)) != 0;
    }
}
