package io.aestus.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostDigestTest {
    private static final int LARGEST = 300_000;

    private static MessageDigest begin(String algorithm) throws NoSuchAlgorithmException {
        assumeTrue(HostDigest.isThere(), "no libcrypto on this host");
        return assertInstanceOf(HostDigest.class, HostDigest.of(algorithm));
    }

    @ParameterizedTest
    @ValueSource(strings = {"SHA-256", "SHA-512"})
    void it_computes_what_java_does_however_the_bytes_come(String algorithm) throws Exception {
        MessageDigest host = begin(algorithm);
        MessageDigest java = MessageDigest.getInstance(algorithm);
        var random = new Random(7);
        byte[] bytes = new byte[LARGEST];
        random.nextBytes(bytes);
        assertEquals(java.getDigestLength(), host.getDigestLength());
        assertArrayEquals(java.digest(), host.digest(), "nothing");
        for (int round = 0; round < 200; round++) {
            int whole = round < 140 ? round : random.nextInt(LARGEST);
            for (int at = 0; at < whole; ) {
                int length = Math.min(whole - at, 1 + random.nextInt(100_000));
                java.update(bytes, at, length);
                if (length == 1) {
                    host.update(bytes[at]);
                } else if (round % 3 == 0) {
                    host.update(ByteBuffer.wrap(bytes, at, length));
                } else {
                    host.update(bytes, at, length);
                }
                at += length;
            }
            assertArrayEquals(java.digest(), host.digest(), whole + " bytes");
        }
    }

    @Test
    void a_copy_goes_its_own_way_and_a_reset_begins_anew() throws Exception {
        MessageDigest host = begin("SHA-512");
        host.update((byte) 1);
        var copy = (MessageDigest) host.clone();
        copy.update((byte) 2);
        host.update((byte) 3);
        MessageDigest java = MessageDigest.getInstance("SHA-512");
        assertArrayEquals(java.digest(new byte[] {1, 2}), copy.digest());
        assertArrayEquals(java.digest(new byte[] {1, 3}), host.digest());
        host.update((byte) 4);
        host.reset();
        assertArrayEquals(java.digest(), host.digest());
        assertEquals(64, host.digest(new byte[70], 3, 64));
        assertThrows(java.security.DigestException.class, () -> host.digest(new byte[70], 3, 63));
    }

    @Test
    void what_the_host_does_not_do_java_does() throws Exception {
        assertEquals("MD5", HostDigest.of("MD5").getAlgorithm());
        assertThrows(NoSuchAlgorithmException.class, () -> HostDigest.of("SHA-3.14"));
    }
}
