package io.aestus.linux;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * File names as strings, without loss. To the kernel a name is bytes. They are read as UTF-8, and a byte that is no part
 * of it becomes the lone surrogate U+DC00 + byte, which no valid text holds; writing turns it back.
 */
public final class FileName {
    private static final char ESCAPE = '\uDC00';

    private FileName() {}

    /** The name with these bytes. */
    public static String decode(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return decodeWithEscapes(bytes); // not UTF-8: the rare case
        }
    }

    private static String decodeWithEscapes(byte[] bytes) {
        var in = ByteBuffer.wrap(bytes);
        var out = CharBuffer.allocate(bytes.length);
        var decoder = StandardCharsets.UTF_8.newDecoder();
        while (in.hasRemaining()) {
            var result = decoder.decode(in, out, true);
            if (result.isError()) {
                for (int i = 0; i < result.length(); i++) {
                    out.put((char) (ESCAPE + (in.get() & 0xff)));
                }
                decoder.reset();
            }
        }
        return out.flip().toString();
    }

    /**
     * The bytes of a name.
     *
     * @throws IllegalArgumentException if it holds a NUL, where the kernel would end it
     */
    public static byte[] encode(String name) {
        if (name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a file name cannot hold NUL");
        }
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (isAscii(name, bytes) || !hasSurrogate(name)) {
            return bytes;
        }
        var out = new ByteArrayOutputStream(name.length() + 8);
        for (int i = 0; i < name.length(); ) {
            int c = name.codePointAt(i);
            i += Character.charCount(c);
            if (c >= ESCAPE + 0x80 && c <= ESCAPE + 0xff) {
                out.write(c - ESCAPE);
            } else {
                out.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
            }
        }
        return out.toByteArray();
    }

    /** As many bytes as characters: ASCII, or a surrogate alone, which became a question mark. */
    private static boolean isAscii(String name, byte[] bytes) {
        if (bytes.length != name.length()) {
            return false;
        }
        for (byte each : bytes) {
            if (each == '?') {
                return false;
            }
        }
        return true;
    }

    private static boolean hasSurrogate(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (Character.isSurrogate(name.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    /** The name for the kernel: its bytes and a NUL. */
    static MemorySegment cString(Arena arena, String name) {
        byte[] bytes = encode(name);
        MemorySegment result = arena.allocate(bytes.length + 1L);
        MemorySegment.copy(bytes, 0, result, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, bytes.length);
        return result;
    }
}
