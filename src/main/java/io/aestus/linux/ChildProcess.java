package io.aestus.linux;

/**
 * A process that was launched, a child of this one until it is reaped.
 *
 * @param pid as this process counts
 * @param pidfd owned by whoever has this
 */
public record ChildProcess(long pid, PidFd pidfd) implements AutoCloseable {
    @Override
    public void close() {
        pidfd.close();
    }
}
