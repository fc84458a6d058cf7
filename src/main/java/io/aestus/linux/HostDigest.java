package io.aestus.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * SHA-256 and SHA-512 by the host's own {@code libcrypto}, where it has one that computes what Java does. A JVM whose second compiler is
 * left out, or is not warm yet, hashes at a tenth of the processor's speed, and images are hashed twice. The library keeps the state of a
 * computation in memory of the caller, which is an array here: nothing of it has to be freed. Not thread-safe.
 *
 * @see <a href="https://docs.openssl.org/3.0/man3/SHA256_Init/">SHA256_Init(3)</a>
 */
public final class HostDigest extends MessageDigest implements Cloneable {
    /** More than {@code SHA512_CTX}, the larger of the two, which has 216 bytes. */
    private static final int STATE_WORDS = 64;

    private enum Kind {
        SHA256("SHA-256", 32),
        SHA512("SHA-512", 64);

        private final String name;
        private final int bytes;

        Kind(String name, int bytes) {
            this.name = name;
            this.bytes = bytes;
        }
    }

    /** The three functions of one hash. */
    private record Functions(MethodHandle init, MethodHandle update, MethodHandle end) {
        static Optional<Functions> find(Kind kind) {
            return Libcrypto.find(List.of(
                            new Libcrypto.Wanted(kind + "_Init", FunctionDescriptor.of(JAVA_INT, ADDRESS)),
                            new Libcrypto.Wanted(
                                    kind + "_Update", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG)),
                            new Libcrypto.Wanted(kind + "_Final", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS))))
                    .map(found -> new Functions(found.get(0), found.get(1), found.get(2)));
        }
    }

    private static final Map<Kind, Functions> FUNCTIONS = load();

    private final Kind kind;
    private final Functions functions;
    private final long[] state;

    private HostDigest(Kind kind, Functions functions, long[] state) {
        super(kind.name);
        this.kind = kind;
        this.functions = functions;
        this.state = state;
    }

    /**
     * A new computation.
     *
     * @param algorithm by Java's name
     * @return Java's own where the host has none
     * @throws NoSuchAlgorithmException if Java has none either
     */
    public static MessageDigest of(String algorithm) throws NoSuchAlgorithmException {
        for (Kind kind : Kind.values()) {
            Functions functions = FUNCTIONS.get(kind);
            if (kind.name.equals(algorithm) && functions != null) {
                var digest = new HostDigest(kind, functions, new long[STATE_WORDS]);
                digest.engineReset();
                return digest;
            }
        }
        return MessageDigest.getInstance(algorithm);
    }

    /** The same for a computation of Java's that was just begun. */
    public static MessageDigest insteadOf(MessageDigest begun) {
        try {
            return of(begun.getAlgorithm());
        } catch (NoSuchAlgorithmException _) {
            return begun;
        }
    }

    /** Whether the host has what it takes. */
    static boolean isThere() {
        return !FUNCTIONS.isEmpty();
    }

    private static Map<Kind, Functions> load() {
        var all = new EnumMap<Kind, Functions>(Kind.class);
        for (Kind kind : Kind.values()) {
            Functions.find(kind)
                    .filter(functions -> isRight(kind, functions))
                    .ifPresent(functions -> all.put(kind, functions));
        }
        return all;
    }

    private static boolean isRight(Kind kind, Functions functions) {
        byte[] text = "what is hashed to see whether it is hashed well".getBytes(StandardCharsets.US_ASCII);
        var digest = new HostDigest(kind, functions, new long[STATE_WORDS]);
        digest.engineReset();
        try {
            return Arrays.equals(
                    digest.digest(text), MessageDigest.getInstance(kind.name).digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("a JDK without " + kind.name, e);
        }
    }

    @Override
    protected int engineGetDigestLength() {
        return kind.bytes;
    }

    @Override
    protected void engineReset() {
        call(() -> (int) functions.init.invokeExact(MemorySegment.ofArray(state)));
    }

    @Override
    protected void engineUpdate(byte input) {
        engineUpdate(new byte[] {input}, 0, 1);
    }

    @Override
    protected void engineUpdate(byte[] input, int offset, int length) {
        MemorySegment bytes = MemorySegment.ofArray(input).asSlice(offset, length);
        for (long at = 0; at < length; at += Libcrypto.LONGEST_CALL) {
            MemorySegment part = bytes.asSlice(at, Math.min(Libcrypto.LONGEST_CALL, length - at));
            call(() -> (int) functions.update.invokeExact(MemorySegment.ofArray(state), part, part.byteSize()));
        }
    }

    @Override
    protected byte[] engineDigest() {
        byte[] hash = new byte[kind.bytes];
        call(() -> (int) functions.end.invokeExact(MemorySegment.ofArray(hash), MemorySegment.ofArray(state)));
        engineReset();
        return hash;
    }

    @Override
    protected int engineDigest(byte[] output, int offset, int length) throws DigestException {
        if (length < kind.bytes) {
            throw new DigestException("no room for " + kind.bytes + " bytes");
        }
        System.arraycopy(engineDigest(), 0, output, offset, kind.bytes);
        return kind.bytes;
    }

    private static void call(Libcrypto.Call call) {
        Libcrypto.call("hash", call);
    }

    @Override
    public Object clone() {
        return new HostDigest(kind, functions, state.clone());
    }
}
