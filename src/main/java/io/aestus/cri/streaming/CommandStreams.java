package io.aestus.cri.streaming;

import java.io.InputStream;
import java.io.OutputStream;

/**
 * The streams of a command between its client and us, whatever carries them. What the client does not want is at its end from the
 * start, or swallows what is written.
 *
 * @param resizes sizes of the client's terminal, each a JSON object, one behind the other
 * @param status where its end is told
 */
record CommandStreams(
        Protocol protocol,
        InputStream stdin,
        InputStream resizes,
        OutputStream stdout,
        OutputStream stderr,
        OutputStream status) {}
