package io.aestus.linux;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Optional;

/**
 * The host's {@code libcrypto}, if it has one. Its functions are called with Java's own arrays; no collection of garbage can begin
 * meanwhile, so that a call should be about {@link #LONGEST_CALL} bytes at most.
 *
 * @see <a href="https://docs.openssl.org/3.0/man7/crypto/">crypto(7)</a>
 */
final class Libcrypto {
    static final int LONGEST_CALL = 64 << 10;
    private static final List<String> NAMES = List.of("libcrypto.so.3", "libcrypto.so.1.1");

    private static final Optional<SymbolLookup> LIBRARY =
            NAMES.stream().map(Libc::library).flatMap(Optional::stream).findFirst();

    /** One call of a function of it, which returns 1 for success. */
    interface Call {
        int make() throws Throwable;
    }

    /** A function by its name and shape. */
    record Wanted(String name, FunctionDescriptor shape) {
        private Optional<MethodHandle> find(SymbolLookup library) {
            return library.find(name).map(code -> Libc.onHeap(code, shape));
        }
    }

    private Libcrypto() {}

    /** All of these functions, in their order, if the host has every one. */
    static Optional<List<MethodHandle>> find(List<Wanted> functions) {
        return LIBRARY.map(library -> functions.stream()
                        .map(function -> function.find(library))
                        .flatMap(Optional::stream)
                        .toList())
                .filter(found -> found.size() == functions.size());
    }

    /** Makes a call. @return whether it succeeded */
    static boolean succeeds(Call call) {
        try {
            return call.make() == 1;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new LinkageError("calling libcrypto", e); // a downcall declares Throwable and throws none
        }
    }

    /** Makes a call that cannot fail with these arguments. */
    static void call(String what, Call call) {
        if (!succeeds(call)) {
            throw new IllegalStateException("libcrypto cannot " + what);
        }
    }
}
