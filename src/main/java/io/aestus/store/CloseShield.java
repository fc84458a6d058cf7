package io.aestus.store;

import java.io.FilterInputStream;
import java.io.InputStream;

/** A stream that whoever decompresses it may close, though others read on. */
final class CloseShield extends FilterInputStream {
    CloseShield(InputStream in) {
        super(in);
    }

    @Override
    public void close() {
        // its owner does
    }
}
