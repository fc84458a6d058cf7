package io.aestus.cli;

import io.aestus.Quoted;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Locale;

/**
 * The keys by which somebody lets go of an app's terminal, such as {@code ctrl-p,ctrl-q}. What is typed goes through here; the
 * beginning of the sequence is held back until it is clear that it is none. Not thread-safe.
 */
final class DetachKeys {
    static final String USUAL = "ctrl-p,ctrl-q";

    private final byte[] sequence;
    private int matched;
    private boolean isComplete;

    private DetachKeys(byte[] sequence) {
        this.sequence = sequence;
    }

    /**
     * Reads a list of keys: a character, or {@code ctrl-} and a letter or one of {@code @[\]^_}. Nothing at all is never typed.
     *
     * @throws WrongUsage for anything else
     */
    static DetachKeys parse(String text) {
        var bytes = new ByteArrayOutputStream();
        if (!text.isEmpty()) {
            for (String key : text.split(",", -1)) {
                bytes.write(key(key, text));
            }
        }
        return new DetachKeys(bytes.toByteArray());
    }

    private static int key(String key, String text) {
        String small = key.toLowerCase(Locale.ROOT);
        if (small.length() == 6 && small.startsWith("ctrl-")) {
            char c = Character.toUpperCase(small.charAt(5));
            if (c >= '@' && c <= '_') {
                return c & 0x1f;
            }
        } else if (key.length() == 1 && key.charAt(0) > ' ' && key.charAt(0) < 0x7f) {
            return key.charAt(0);
        }
        throw new WrongUsage("cannot read --detach-keys " + Quoted.of(text) + ": " + Quoted.of(key)
                + " is no key, expected such as " + USUAL);
    }

    /** What of the {@code length} bytes that were typed is meant for the app. After {@link #isComplete} nothing is. */
    byte[] pass(byte[] typed, int length) {
        if (sequence.length == 0) {
            return Arrays.copyOf(typed, length);
        }
        var through = new ByteArrayOutputStream(length + matched);
        for (int i = 0; i < length && !isComplete; i++) {
            if (typed[i] != sequence[matched] && matched > 0) {
                through.write(sequence, 0, matched);
                matched = 0;
            }
            if (typed[i] == sequence[matched]) {
                matched++;
                isComplete = matched == sequence.length;
            } else {
                through.write(typed[i]);
            }
        }
        return through.toByteArray();
    }

    /** Whether the whole sequence was typed. */
    boolean isComplete() {
        return isComplete;
    }
}
