package io.aestus.linux;

/** Starts threads. The host may have no room for one more, which Java calls a lack of memory, and which breaks nothing. */
public final class NewThread {
    private NewThread() {}

    /**
     * Starts a platform thread.
     *
     * @throws SyscallException EAGAIN if there are as many processes and threads as there may be
     */
    public static void start(Thread thread) throws SyscallException {
        try {
            thread.start();
        } catch (OutOfMemoryError _) {
            throw new SyscallException("start a thread", Errno.EAGAIN);
        }
    }
}
