package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSearchTest {
    private static final byte WANTED = '\n';

    private static int slowFirst(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == WANTED) {
                return i;
            }
        }
        return -1;
    }

    private static int slowLast(byte[] bytes, int from, int to) {
        for (int i = to - 1; i >= from; i--) {
            if (bytes[i] == WANTED) {
                return i;
            }
        }
        return -1;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 8, 255, 256, 257, 1023, 1024, 1025, 1289, 16_640, 70_000})
    void a_byte_is_found_wherever_it_is(int length) {
        byte[] bytes = new byte[length + 20];
        var random = new Random(length);
        for (int round = 0; round < 300; round++) {
            int from = random.nextInt(20);
            int to = from + length;
            // what differs by one bit, and 0 and -1, are taken for it by mistakes in arithmetic
            Arrays.fill(bytes, new byte[] {WANTED + 1, WANTED - 128, 0, -1}[round % 4]);
            int places = round % 3;
            for (int i = 0; i < places; i++) {
                bytes[random.nextInt(bytes.length)] = WANTED;
            }
            assertEquals(slowFirst(bytes, from, to), ByteSearch.first(bytes, WANTED, from, to));
            assertEquals(slowLast(bytes, from, to), ByteSearch.last(bytes, WANTED, from, to));
        }
    }

    @Test
    void what_stands_beside_the_range_is_not_found() {
        byte[] bytes = new byte[4096];
        bytes[99] = WANTED;
        bytes[4000] = WANTED;
        assertEquals(-1, ByteSearch.first(bytes, WANTED, 100, 4000));
        assertEquals(-1, ByteSearch.last(bytes, WANTED, 100, 4000));
        assertEquals(4000, ByteSearch.first(bytes, WANTED, 100, 4001));
        assertEquals(99, ByteSearch.last(bytes, WANTED, 99, 4000));
    }

    @Test
    void negative_bytes_can_be_wanted() {
        byte[] bytes = new byte[4096];
        bytes[3000] = -2;
        assertEquals(3000, ByteSearch.first(bytes, (byte) -2, 0, 4096));
        assertEquals(3000, ByteSearch.last(bytes, (byte) -2, 0, 4096));
    }
}
