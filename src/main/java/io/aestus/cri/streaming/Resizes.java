package io.aestus.cri.streaming;

import io.aestus.AestusException;
import io.aestus.executor.AppProcess;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonView;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/** Tells a terminal the sizes that its client sends: {@code {"Width":80,"Height":24}}, one behind the other. */
final class Resizes implements Runnable {
    private static final System.Logger LOG = System.getLogger(Resizes.class.getName());
    private static final int LONGEST = 256;
    private static final int MOST_CELLS = 65535;

    private final InputStream from;
    private final AppProcess terminal;

    Resizes(InputStream from, AppProcess terminal) {
        this.from = from;
        this.terminal = terminal;
    }

    @Override
    public void run() {
        var text = new ByteArrayOutputStream();
        try (from) {
            for (int c = from.read(); c >= 0 && text.size() < LONGEST; c = from.read()) {
                text.write(c);
                if (c == '}') {
                    resize(text.toByteArray());
                    text.reset();
                }
            }
        } catch (IOException | AestusException | IllegalStateException e) { // nonsense, or the terminal has gone
            LOG.log(System.Logger.Level.DEBUG, "a terminal is resized no more", e);
        }
    }

    private void resize(byte[] text) {
        JsonView size = JsonReader.read(text, "terminal size");
        terminal.resize(cells(size, "Width"), cells(size, "Height"));
    }

    private static int cells(JsonView size, String name) {
        return size.required(name).wholeInt(0, MOST_CELLS);
    }
}
