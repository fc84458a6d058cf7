package io.aestus.linux;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.Security;
import java.util.Arrays;
import java.util.Random;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostCipherTest {
    private static final String NAME = "AES/GCM/NoPadding";
    private static final int LARGEST = 200_000;
    private static final SecretKey KEY = key(new byte[16]);
    private static final byte[] TEXT = "some text".getBytes(US_ASCII);

    @BeforeAll
    static void offerIt() {
        assumeTrue(HostCipher.isThere(), "no libcrypto on this host");
        HostCiphers.offer();
        HostCiphers.offer(); // again, which does nothing
    }

    private static SecretKey key(byte[] bytes) {
        return new SecretKeySpec(bytes, "AES");
    }

    private static Cipher host(int operation, SecretKey key, byte[] nonce) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(NAME);
        cipher.init(operation, key, new GCMParameterSpec(128, nonce));
        assertEquals("AestusHost", cipher.getProvider().getName());
        return cipher;
    }

    private static Cipher java(int operation, SecretKey key, byte[] nonce) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(NAME, "SunJCE");
        cipher.init(operation, key, new GCMParameterSpec(128, nonce));
        return cipher;
    }

    private static byte[] random(Random random, int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 24, 32})
    void it_computes_what_java_does_however_the_bytes_come(int keyBytes) throws Exception {
        var random = new Random(11);
        Cipher enciphering = Cipher.getInstance(NAME);
        Cipher deciphering = Cipher.getInstance(NAME);
        for (int round = 0; round < 120; round++) {
            SecretKey key = key(random(random, keyBytes));
            var nonce = new GCMParameterSpec(128, random(random, 12));
            byte[] beside = random(random, round % 40);
            byte[] text = random(random, round < 80 ? round : random.nextInt(LARGEST));
            Cipher java = java(Cipher.ENCRYPT_MODE, key, nonce.getIV());
            java.updateAAD(beside);
            byte[] sealed = java.doFinal(text);

            enciphering.init(Cipher.ENCRYPT_MODE, key, nonce);
            int half = beside.length / 2;
            enciphering.updateAAD(beside, 0, half);
            enciphering.updateAAD(beside, half, beside.length - half);
            int cut = text.length == 0 ? 0 : random.nextInt(text.length);
            if (round % 3 == 0) {
                enciphering.update(text, 0, cut);
                assertArrayEquals(sealed, enciphering.doFinal(text, cut, text.length - cut), "in parts");
            } else {
                assertEquals(sealed.length, enciphering.getOutputSize(text.length));
                assertArrayEquals(sealed, enciphering.doFinal(text), "at once");
            }

            deciphering.init(Cipher.DECRYPT_MODE, key, nonce);
            deciphering.updateAAD(beside);
            if (round % 3 == 0) {
                deciphering.update(sealed, 0, cut);
                assertArrayEquals(text, deciphering.doFinal(sealed, cut, sealed.length - cut), "in parts");
            } else {
                assertArrayEquals(text, deciphering.doFinal(sealed), "at once");
            }
        }
    }

    @Test
    void a_text_is_replaced_in_its_own_array_or_beside_it() throws Exception {
        byte[] nonce = new byte[12];
        byte[] text = random(new Random(3), 1000);
        byte[] sealed = java(Cipher.ENCRYPT_MODE, KEY, nonce).doFinal(text);
        for (int shift : new int[] {0, 7, -7}) {
            byte[] array = new byte[2000];
            System.arraycopy(text, 0, array, 100, text.length);
            int written = host(Cipher.ENCRYPT_MODE, KEY, nonce).doFinal(array, 100, text.length, array, 100 + shift);
            assertEquals(sealed.length, written);
            assertArrayEquals(sealed, Arrays.copyOfRange(array, 100 + shift, 100 + shift + written));
            written = host(Cipher.DECRYPT_MODE, KEY, nonce).doFinal(array, 100 + shift, written, array, 100);
            assertArrayEquals(text, Arrays.copyOfRange(array, 100, 100 + written));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void buffers_of_either_kind_will_do(boolean isDirect) throws Exception {
        byte[] nonce = new byte[12];
        byte[] text = random(new Random(4), 20_000);
        ByteBuffer buffer = isDirect ? ByteBuffer.allocateDirect(30_000) : ByteBuffer.allocate(30_000);
        buffer.put(text).flip();
        ByteBuffer sealed = buffer.duplicate().clear();
        host(Cipher.ENCRYPT_MODE, KEY, nonce).doFinal(buffer, sealed);
        sealed.flip();
        assertEquals(text.length + 16, sealed.remaining());
        ByteBuffer opened = sealed.duplicate();
        host(Cipher.DECRYPT_MODE, KEY, nonce).doFinal(sealed, opened);
        byte[] result = new byte[text.length];
        opened.flip().get(result);
        assertArrayEquals(text, result);
    }

    @Test
    void of_what_was_changed_nothing_is_given_out() throws Exception {
        byte[] nonce = new byte[12];
        byte[] sealed = host(Cipher.ENCRYPT_MODE, KEY, nonce).doFinal(TEXT);
        Cipher cipher = host(Cipher.DECRYPT_MODE, KEY, nonce);
        for (int at = 0; at < sealed.length; at++) {
            sealed[at] ^= 1;
            byte[] output = new byte[TEXT.length];
            assertThrows(AEADBadTagException.class, () -> cipher.doFinal(sealed, 0, sealed.length, output, 0));
            assertArrayEquals(new byte[TEXT.length], output);
            sealed[at] ^= 1;
        }
        cipher.updateAAD(TEXT);
        assertThrows(AEADBadTagException.class, () -> cipher.doFinal(sealed));
        assertArrayEquals(TEXT, cipher.doFinal(sealed), "after a failure it begins anew");
        assertThrows(AEADBadTagException.class, () -> cipher.doFinal(sealed, 0, 15));
    }

    @Test
    void no_nonce_serves_twice_to_encipher() throws Exception {
        Cipher cipher = host(Cipher.ENCRYPT_MODE, KEY, new byte[12]);
        cipher.doFinal(TEXT);
        assertThrows(IllegalStateException.class, () -> cipher.doFinal(TEXT));
        assertThrows(
                InvalidAlgorithmParameterException.class,
                () -> cipher.init(Cipher.ENCRYPT_MODE, KEY, new GCMParameterSpec(128, new byte[12])));
        byte[] other = {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
        cipher.init(Cipher.ENCRYPT_MODE, KEY, new GCMParameterSpec(128, other));
        assertArrayEquals(java(Cipher.ENCRYPT_MODE, KEY, other).doFinal(TEXT), cipher.doFinal(TEXT));
        assertArrayEquals(other, cipher.getIV());
    }

    @Test
    void a_result_needs_its_room() throws Exception {
        Cipher cipher = host(Cipher.ENCRYPT_MODE, KEY, new byte[12]);
        byte[] output = new byte[TEXT.length + 15];
        assertThrows(ShortBufferException.class, () -> cipher.doFinal(TEXT, 0, TEXT.length, output, 0));
    }

    @Test
    void what_tls_never_asks_java_does() throws Exception {
        Cipher cipher = Cipher.getInstance(NAME);
        cipher.init(Cipher.ENCRYPT_MODE, KEY, new GCMParameterSpec(96, new byte[12]));
        assertEquals("SunJCE", cipher.getProvider().getName());
        Cipher random = Cipher.getInstance(NAME);
        random.init(Cipher.ENCRYPT_MODE, KEY);
        assertEquals("SunJCE", random.getProvider().getName());
        assertEquals(
                1,
                Arrays.stream(Security.getProviders())
                        .filter(p -> p.getName().equals("AestusHost"))
                        .count());
    }
}
