package io.aestus.json;

import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * A number as it was written: {@code 1e999999999} is legal JSON, and computing with it is the reader's risk.
 *
 * @param text a number in JSON's grammar
 */
public record JsonNumber(String text) implements Json {
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?");
    private static final Pattern WHOLE = Pattern.compile("-?(0|[1-9][0-9]{0,18})");

    public JsonNumber {
        if (!NUMBER.matcher(text).matches()) {
            throw new IllegalArgumentException("not a JSON number: " + text);
        }
    }

    /** The value, if it is written as a whole number (no fraction, no exponent) and fits a {@code long}. */
    public OptionalLong whole() {
        if (!WHOLE.matcher(text).matches()) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseLong(text));
        } catch (NumberFormatException _) {
            return OptionalLong.empty(); // 19 digits, and yet beyond 2^63 - 1
        }
    }
}
