package io.aestus.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes static executables of one or two segments: an ELF header, program headers, code, data. */
final class ElfImage {
    /** Where the first byte of the file is in memory. */
    static final long BASE = 0x20_0000_0000L;

    private static final int HEADER_BYTES = 64;
    private static final int PROGRAM_HEADER_BYTES = 56;
    private static final int PT_LOAD = 1;
    private static final int PT_GNU_STACK = 0x6474e551;
    private static final int PF_X = 1;
    private static final int PF_W = 2;
    private static final int PF_R = 4;
    private static final int STACK_ALIGNMENT = 16;

    private ElfImage() {}

    /** Alignment of segments: the largest page of the architecture. */
    static int alignment(Architecture architecture) {
        return switch (architecture) {
            case X86_64 -> 4 * 1024;
            case AARCH64 -> 64 * 1024;
        };
    }

    /** An executable of this code, which is entered at its first byte. */
    static byte[] of(Architecture architecture, byte[] code) {
        return of(architecture, code, new byte[0], 0);
    }

    /** The same with writable data at an address, which must be aligned. */
    static byte[] of(Architecture architecture, byte[] code, byte[] data, long address) {
        int headers = data.length == 0 ? 2 : 3;
        int codeOffset = HEADER_BYTES + headers * PROGRAM_HEADER_BYTES;
        int codeEnd = codeOffset + code.length;
        int alignment = alignment(architecture);
        if (codeEnd > alignment || address % alignment != 0) {
            throw new IllegalArgumentException("code of " + code.length + " bytes, data at " + address);
        }
        ByteBuffer file = ByteBuffer.allocate(data.length == 0 ? codeEnd : alignment + data.length)
                .order(ByteOrder.LITTLE_ENDIAN);
        header(file, architecture, BASE + codeOffset, headers);
        segment(file, PT_LOAD, PF_R | PF_X, 0, BASE, codeEnd, alignment);
        segment(file, PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, STACK_ALIGNMENT);
        if (data.length > 0) {
            segment(file, PT_LOAD, PF_R | PF_W, alignment, address, data.length, alignment);
            file.put(alignment, data);
        }
        file.put(codeOffset, code);
        return file.array();
    }

    private static void header(ByteBuffer file, Architecture architecture, long entry, int programHeaders) {
        file.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0
        }); // 64 bit, little endian, version 1
        file.putShort((short) 2); // ET_EXEC
        file.putShort((short) architecture.elfMachine);
        file.putInt(1);
        file.putLong(entry).putLong(HEADER_BYTES).putLong(0); // entry, program headers, no section headers
        file.putInt(0); // flags
        file.putShort((short) HEADER_BYTES);
        file.putShort((short) PROGRAM_HEADER_BYTES);
        file.putShort((short) programHeaders);
        file.putShort((short) 0).putShort((short) 0).putShort((short) 0);
    }

    private static void segment(
            ByteBuffer file, int type, int flags, long offset, long address, long size, long alignment) {
        file.putInt(type).putInt(flags);
        file.putLong(offset).putLong(address).putLong(address);
        file.putLong(size).putLong(size);
        file.putLong(alignment);
    }
}
