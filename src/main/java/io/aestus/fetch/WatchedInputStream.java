package io.aestus.fetch;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Shows each byte that passes to somebody else, once and in order. */
final class WatchedInputStream extends FilterInputStream {
    /** Is shown the bytes. */
    interface Watcher {
        void saw(byte[] buffer, int from, int length) throws IOException;
    }

    private final Watcher watcher;

    WatchedInputStream(InputStream in, Watcher watcher) {
        super(in);
        this.watcher = watcher;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int from, int length) throws IOException {
        int count = in.read(buffer, from, length);
        if (count > 0) {
            watcher.saw(buffer, from, count);
        }
        return count;
    }

    /** Nothing may pass unseen. */
    @Override
    public long skip(long count) throws IOException {
        byte[] passed = new byte[(int) Math.min(count, 8192)];
        return Math.max(0, read(passed, 0, passed.length));
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
