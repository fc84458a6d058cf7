package io.aestus.linux;

/** What a system call came to. An expected errno is an answer; the rest is thrown by {@link #orThrow}. */
sealed interface Result {
    /**
     * It worked.
     *
     * @param value what the call returned, never negative as an error is
     */
    record Done(long value) implements Result {
        @Override
        public long orThrow(String what) {
            return value;
        }

        @Override
        public boolean failedWith(int errno) {
            return false;
        }
    }

    /** It did not. */
    record Failed(int errno) implements Result {
        @Override
        public long orThrow(String what) throws SyscallException {
            throw new SyscallException(what, errno);
        }

        @Override
        public boolean failedWith(int wanted) {
            return errno == wanted;
        }
    }

    /**
     * The value.
     *
     * @param what was attempted, such as {@code open etc/passwd}
     * @throws SyscallException if the call failed
     */
    long orThrow(String what) throws SyscallException;

    /** True if the call failed with just this errno. */
    boolean failedWith(int errno);
}
