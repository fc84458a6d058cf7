package io.aestus.aci;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Counts what passes, and remembers whether reading failed here: then it is not the data that is at fault. */
final class CountedInputStream extends FilterInputStream {
    private long count;
    private boolean hasFailed;

    CountedInputStream(InputStream in) {
        super(in);
    }

    long count() {
        return count;
    }

    boolean hasFailed() {
        return hasFailed;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int from, int length) throws IOException {
        try {
            int read = in.read(buffer, from, length);
            count += Math.max(0, read);
            return read;
        } catch (IOException e) {
            hasFailed = true;
            throw e;
        }
    }
}
