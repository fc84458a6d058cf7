package io.aestus.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A call about which a seccomp filter asks.
 *
 * @param thread which makes it
 */
public record AskedCall(int thread, String name, List<Long> arguments) {
    private static final int PID = 8;
    private static final int NUMBER = 16;
    private static final int ARGUMENTS = 32;
    private static final int LONGEST_PATH = 256;

    public AskedCall {
        arguments = List.copyOf(arguments);
    }

    /** Reads {@code struct seccomp_notif}. */
    static AskedCall of(MemorySegment notice) {
        var arguments = new ArrayList<Long>();
        for (int i = 0; i < 6; i++) {
            arguments.add(notice.get(JAVA_LONG, ARGUMENTS + 8L * i));
        }
        int number = notice.get(JAVA_INT, NUMBER);
        return new AskedCall(
                notice.get(JAVA_INT, PID),
                SyscallTable.of(SyscallAbi.ofHost()).name(number).orElse(Integer.toString(number)),
                arguments);
    }

    /** What an argument points to, if it is a path: its beginning. Empty if it points nowhere. */
    public String path(int argument) throws IOException {
        if (arguments.get(argument) <= 0) {
            return "";
        }
        byte[] bytes = new byte[LONGEST_PATH];
        int count = read(arguments.get(argument), bytes);
        int end = 0;
        while (end < count && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }

    /** The first eight bytes to which an argument points; 0 if it points nowhere. */
    public long number(int argument) throws IOException {
        byte[] bytes = new byte[Long.BYTES];
        if (arguments.get(argument) <= 0) {
            return 0;
        }
        read(arguments.get(argument), bytes);
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getLong();
    }

    private int read(long address, byte[] into) throws IOException {
        try (var memory = new RandomAccessFile("/proc/" + thread + "/mem", "r")) {
            memory.seek(address);
            return memory.read(into);
        }
    }
}
