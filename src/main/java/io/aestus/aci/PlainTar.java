package io.aestus.aci;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;

/** Writes a tar of regular files of root's without times, in the order given: the bytes depend on their names and content alone. */
public final class PlainTar {
    private static final int CHUNK = 1 << 16;
    private static final int MODE = 0644;

    private final OutputStream out;
    private final TarWriter tar;

    /** @param out flushed at the end, not closed */
    public PlainTar(OutputStream out) {
        this.out = new BufferedOutputStream(out, CHUNK);
        this.tar = new TarWriter(this.out);
    }

    public void file(String name, byte[] content) throws IOException {
        begin(name, content.length);
        out.write(content);
        tar.pad(content.length);
    }

    /**
     * A file of exactly {@code size} bytes.
     *
     * @throws IOException if {@code content}, which is lent, has fewer
     */
    public void file(String name, long size, InputStream content) throws IOException {
        begin(name, size);
        byte[] buffer = new byte[CHUNK];
        for (long left = size; left > 0; ) {
            int count = content.read(buffer, 0, (int) Math.min(left, buffer.length));
            if (count < 0) {
                throw new IOException("cannot write " + name + ": it is " + left + " bytes shorter than it should be");
            }
            out.write(buffer, 0, count);
            left -= count;
        }
        tar.pad(size);
    }

    private void begin(String name, long size) throws IOException {
        tar.begin(new TarEntry(name, TarEntry.Type.FILE, size, MODE, 0, 0, 0, 0, "", 0, 0, Map.of(), null));
    }

    /** The end of the archive; nothing follows. */
    public void finish() throws IOException {
        tar.finish();
        out.flush();
    }
}
