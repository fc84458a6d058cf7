package io.aestus.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.security.AlgorithmParameters;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.InvalidParameterSpecException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.CipherSpi;
import javax.crypto.NoSuchPaddingException;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.GCMParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * AES-GCM as TLS uses it, by the host's {@code libcrypto}: nonces of 12 bytes and tags of 16. It refuses to be initialised
 * otherwise, and then {@link Cipher} asks the next provider. What is deciphered is given out when its tag was found right and not
 * before; so, as with Java's own, {@code update} keeps all for {@code doFinal}. Not thread-safe.
 *
 * @see <a href="https://docs.openssl.org/3.0/man3/EVP_EncryptInit/">EVP_EncryptInit(3)</a>
 */
final class HostCipher extends CipherSpi {
    private static final String NAME = "AES/GCM/NoPadding";
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BYTES = 16;
    private static final int BLOCK_BYTES = 16;
    private static final int GET_TAG = 0x10;
    private static final int SET_TAG = 0x11;
    private static final MemorySegment NOTHING = MemorySegment.NULL;

    /** The functions of {@code libcrypto}, by their names there; the algorithms by the length of their key. */
    private record Functions(
            MethodHandle newContext,
            MethodHandle freeContext,
            MethodHandle init,
            MethodHandle control,
            MethodHandle update,
            MethodHandle end,
            MethodHandle aes128,
            MethodHandle aes192,
            MethodHandle aes256) {
        static Optional<Functions> find() {
            var algorithm = FunctionDescriptor.of(ADDRESS);
            return Libcrypto.find(List.of(
                            new Libcrypto.Wanted("EVP_CIPHER_CTX_new", FunctionDescriptor.of(ADDRESS)),
                            new Libcrypto.Wanted("EVP_CIPHER_CTX_free", FunctionDescriptor.ofVoid(ADDRESS)),
                            new Libcrypto.Wanted(
                                    "EVP_CipherInit_ex",
                                    FunctionDescriptor.of(
                                            JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_INT)),
                            new Libcrypto.Wanted(
                                    "EVP_CIPHER_CTX_ctrl",
                                    FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS)),
                            new Libcrypto.Wanted(
                                    "EVP_CipherUpdate",
                                    FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_INT)),
                            new Libcrypto.Wanted(
                                    "EVP_CipherFinal_ex", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS)),
                            new Libcrypto.Wanted("EVP_aes_128_gcm", algorithm),
                            new Libcrypto.Wanted("EVP_aes_192_gcm", algorithm),
                            new Libcrypto.Wanted("EVP_aes_256_gcm", algorithm)))
                    .map(f -> new Functions(
                            f.get(0), f.get(1), f.get(2), f.get(3), f.get(4), f.get(5), f.get(6), f.get(7), f.get(8)));
        }

        MethodHandle algorithm(int keyBytes) throws InvalidKeyException {
            return switch (keyBytes) {
                case 16 -> aes128;
                case 24 -> aes192;
                case 32 -> aes256;
                default -> throw new InvalidKeyException("a key of " + keyBytes + " bytes is none of AES");
            };
        }
    }

    private static final Optional<Functions> FUNCTIONS = Functions.find();

    private final Functions functions;
    /** The library's own state, freed with this. */
    private final MemorySegment context;

    private final int[] written = new int[1];
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream(0);
    private byte[] key = {};
    private byte[] nonce = {};
    private boolean enciphers;
    /** Whether the nonce is new: enciphering twice with one would give away both texts. */
    private boolean isFresh;

    /** One that waits for a key. @throws IllegalStateException unless {@link #isThere} */
    HostCipher() {
        this.functions = FUNCTIONS.orElseThrow(() -> new IllegalStateException("this host has no AES-GCM"));
        this.context = newContext(functions);
    }

    /** Whether the host has what it takes. */
    static boolean isThere() {
        return FUNCTIONS.isPresent();
    }

    @SuppressWarnings("restricted") // only to have it freed
    private static MemorySegment newContext(Functions functions) {
        MemorySegment made = address(functions.newContext);
        return made.reinterpret(
                Arena.ofAuto(),
                context -> Libcrypto.call("let go of a cipher", () -> {
                    functions.freeContext.invokeExact(context);
                    return 1;
                }));
    }

    private static MemorySegment address(MethodHandle function) {
        var result = new MemorySegment[1];
        Libcrypto.call("encipher", () -> {
            result[0] = (MemorySegment) function.invokeExact();
            return result[0].equals(NOTHING) ? 0 : 1;
        });
        return result[0];
    }

    // --- what a Cipher asks first

    @Override
    protected void engineSetMode(String mode) throws NoSuchAlgorithmException {
        if (!mode.equalsIgnoreCase("GCM")) {
            throw new NoSuchAlgorithmException(mode);
        }
    }

    @Override
    protected void engineSetPadding(String padding) throws NoSuchPaddingException {
        if (!padding.equalsIgnoreCase("NoPadding")) {
            throw new NoSuchPaddingException(padding);
        }
    }

    @Override
    protected int engineGetBlockSize() {
        return BLOCK_BYTES;
    }

    @Override
    protected int engineGetOutputSize(int inputLength) {
        int whole = Math.addExact(kept.size(), inputLength);
        return enciphers ? Math.addExact(whole, TAG_BYTES) : Math.max(0, whole - TAG_BYTES);
    }

    @Override
    protected byte[] engineGetIV() {
        return nonce.clone();
    }

    @Override
    protected int engineGetKeySize(Key given) throws InvalidKeyException {
        return 8 * bytes(given).length;
    }

    @Override
    protected @Nullable AlgorithmParameters engineGetParameters() {
        if (nonce.length == 0) {
            return null;
        }
        try {
            var parameters = AlgorithmParameters.getInstance("GCM");
            parameters.init(new GCMParameterSpec(8 * TAG_BYTES, nonce));
            return parameters;
        } catch (NoSuchAlgorithmException | InvalidParameterSpecException e) {
            throw new IllegalStateException("a JDK without GCM", e);
        }
    }

    // --- beginning

    @Override
    protected void engineInit(int operation, Key given, SecureRandom random) throws InvalidKeyException {
        throw new InvalidKeyException("no nonce is given");
    }

    @Override
    protected void engineInit(int operation, Key given, AlgorithmParameters parameters, SecureRandom random)
            throws InvalidKeyException, InvalidAlgorithmParameterException {
        try {
            engineInit(operation, given, parameters.getParameterSpec(GCMParameterSpec.class), random);
        } catch (InvalidParameterSpecException e) {
            throw new InvalidAlgorithmParameterException(e);
        }
    }

    @Override
    protected void engineInit(
            int operation, Key given, @Nullable AlgorithmParameterSpec parameters, SecureRandom random)
            throws InvalidKeyException, InvalidAlgorithmParameterException {
        if (!(parameters instanceof GCMParameterSpec gcm)
                || gcm.getTLen() != 8 * TAG_BYTES
                || gcm.getIV().length != NONCE_BYTES) {
            throw new InvalidAlgorithmParameterException("not a nonce of 12 bytes and a tag of 16");
        }
        byte[] newKey = bytes(given);
        MemorySegment algorithm = newKey.length == key.length ? NOTHING : address(functions.algorithm(newKey.length));
        boolean willEncipher = operation == Cipher.ENCRYPT_MODE || operation == Cipher.WRAP_MODE;
        if (willEncipher && enciphers && Arrays.equals(nonce, gcm.getIV()) && Arrays.equals(key, newKey)) {
            throw new InvalidAlgorithmParameterException("this key has enciphered with this nonce before");
        }
        kept.reset();
        key = newKey;
        nonce = gcm.getIV();
        enciphers = willEncipher;
        begin(algorithm);
    }

    /** Begins a text; with no algorithm, by the same as before. */
    private void begin(MemorySegment algorithm) {
        Libcrypto.call("begin with a key", () -> (int) functions.init.invokeExact(
                context,
                algorithm,
                NOTHING,
                MemorySegment.ofArray(key),
                MemorySegment.ofArray(nonce),
                enciphers ? 1 : 0));
        isFresh = true;
    }

    private static byte[] bytes(Key given) throws InvalidKeyException {
        byte[] encoded = given.getEncoded();
        if (!"AES".equalsIgnoreCase(given.getAlgorithm()) || encoded == null) {
            throw new InvalidKeyException("not a key of AES whose bytes are known");
        }
        return encoded;
    }

    // --- the work

    @Override
    protected void engineUpdateAAD(byte[] input, int offset, int length) {
        requireFresh();
        if (kept.size() > 0) {
            throw new IllegalStateException("what is only authenticated comes first");
        }
        pass(MemorySegment.ofArray(input).asSlice(offset, length), NOTHING);
    }

    @Override
    protected byte[] engineUpdate(byte[] input, int offset, int length) {
        requireFresh();
        kept.write(input, offset, length);
        return new byte[0];
    }

    @Override
    protected int engineUpdate(byte[] input, int offset, int length, byte[] output, int outputOffset) {
        engineUpdate(input, offset, length);
        return 0;
    }

    @Override
    protected byte[] engineDoFinal(byte @Nullable [] input, int offset, int length) throws AEADBadTagException {
        byte[] output = new byte[engineGetOutputSize(length)];
        try {
            engineDoFinal(input == null ? new byte[0] : input, offset, length, output, 0);
        } catch (ShortBufferException e) {
            throw new IllegalStateException(e);
        }
        return output;
    }

    @Override
    protected int engineDoFinal(byte[] input, int offset, int length, byte[] output, int outputOffset)
            throws ShortBufferException, AEADBadTagException {
        requireFresh();
        int size = engineGetOutputSize(length);
        if (output.length - outputOffset < size) {
            throw new ShortBufferException("no room for " + size + " bytes");
        }
        MemorySegment text = text(input, offset, length, output, outputOffset);
        MemorySegment result = MemorySegment.ofArray(output).asSlice(outputOffset, size);
        kept.reset();
        isFresh = !enciphers;
        if (enciphers) {
            encipher(text, result);
        } else {
            decipher(text, result);
        }
        return size;
    }

    /** All that there is. What lies elsewhere in the array that takes the result would be overwritten before it is read. */
    private MemorySegment text(byte[] input, int offset, int length, byte[] output, int outputOffset) {
        boolean isInPlace = input == output && offset != outputOffset;
        if (kept.size() == 0 && !isInPlace) {
            return MemorySegment.ofArray(input).asSlice(offset, length);
        }
        kept.write(input, offset, length);
        return MemorySegment.ofArray(kept.toByteArray());
    }

    private void encipher(MemorySegment text, MemorySegment result) {
        pass(text, result);
        end(result);
        MemorySegment tag = result.asSlice(text.byteSize());
        Libcrypto.call("seal", () -> (int) functions.control.invokeExact(context, GET_TAG, TAG_BYTES, tag));
    }

    private void decipher(MemorySegment text, MemorySegment result) throws AEADBadTagException {
        long size = text.byteSize() - TAG_BYTES;
        if (size < 0) {
            throw new AEADBadTagException("shorter than a tag");
        }
        byte[] tag = text.asSlice(size).toArray(JAVA_BYTE);
        pass(text.asSlice(0, size), result);
        Libcrypto.call("take a tag", () ->
                (int) functions.control.invokeExact(context, SET_TAG, TAG_BYTES, MemorySegment.ofArray(tag)));
        boolean isRight = end(result);
        begin(NOTHING);
        if (!isRight) {
            result.fill((byte) 0);
            throw new AEADBadTagException("the tag does not belong to this text");
        }
    }

    /** Has a text go through; without an output, as one that is only authenticated. */
    private void pass(MemorySegment input, MemorySegment output) {
        for (long at = 0; at < input.byteSize(); at += Libcrypto.LONGEST_CALL) {
            long length = Math.min(Libcrypto.LONGEST_CALL, input.byteSize() - at);
            MemorySegment from = input.asSlice(at, length);
            MemorySegment to = output.equals(NOTHING) ? NOTHING : output.asSlice(at, length);
            Libcrypto.call("encipher", () -> (int)
                    functions.update.invokeExact(context, to, MemorySegment.ofArray(written), from, (int) length));
        }
    }

    /** Ends a text. @return whether the tag is right, where one was given */
    private boolean end(MemorySegment result) {
        return Libcrypto.succeeds(
                () -> (int) functions.end.invokeExact(context, result, MemorySegment.ofArray(written)));
    }

    private void requireFresh() {
        if (!isFresh) {
            throw new IllegalStateException(NAME + " needs a new nonce for every text");
        }
    }
}
