package io.aestus.linux;

/** What a system call came to. An expected errno is an answer; the rest is thrown by {@link #orThrow}. */
sealed interface Result {
    /**
     * It worked.
     *
     * @param value what the call returned, never negative as an error is
     */
    record Done(long value) implements Result {}

    /** It did not. */
    record Failed(int errno) implements Result {}

    /**
     * The value.
     *
     * @param what was attempted, such as {@code open etc/passwd}
     * @throws SyscallException if the call failed
     */
    default long orThrow(String what) throws SyscallException {
        return switch (this) {
            case Done(long value) -> value;
            case Failed(int errno) -> throw new SyscallException(what, errno);
        };
    }

    /** True if the call failed with just this errno. */
    default boolean failedWith(int errno) {
        return this instanceof Failed(int actual) && actual == errno;
    }
}
