package io.aestus.aci;

import java.io.IOException;
import java.io.OutputStream;

/** Writes the entries that it is shown to a tar, below one name on top. */
final class TarTree implements ImageReader.Visitor {
    private final TarWriter tar;
    private final OutputStream out;
    private final String top;

    /** @param top the name of the entry whose path is empty */
    TarTree(TarWriter tar, OutputStream out, String top) {
        this.tar = tar;
        this.out = out;
        this.top = top;
    }

    @Override
    public void visit(TarEntry entry, String path, String linkPath, ImageReader.Data data) throws IOException {
        boolean isDirectory = entry.type() == TarEntry.Type.DIRECTORY;
        boolean isHardLink = entry.type() == TarEntry.Type.HARD_LINK;
        tar.begin(entry.named(named(path) + (isDirectory ? "/" : ""), isHardLink ? named(linkPath) : entry.link()));
        if (entry.type() == TarEntry.Type.FILE) {
            data.copyTo((_, buffer, from, length) -> out.write(buffer, from, length));
            tar.pad(entry.size());
        }
    }

    private String named(String path) {
        return path.isEmpty() ? top : top + '/' + path;
    }
}
