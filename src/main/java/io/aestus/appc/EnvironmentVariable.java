package io.aestus.appc;

import io.aestus.json.MalformedException;
import java.util.regex.Pattern;

/**
 * One variable of an {@link Environment}.
 *
 * @param name letters, digits and {@code _ . -}, not beginning with a digit, a dot or a hyphen
 * @param value anything but NUL; nothing in it is evaluated
 */
public record EnvironmentVariable(String name, String value) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z_0-9.-]*");

    public EnvironmentVariable {
        parseName(name);
        if (value.indexOf('\0') >= 0) {
            throw new MalformedException("variable", name, "must not have a value with NUL");
        }
    }

    static String parseName(String text) {
        if (!NAME.matcher(text).matches()) {
            throw new MalformedException(
                    "variable", text, "must be letters, digits and _ . -, beginning with a letter or _");
        }
        return text;
    }

    @Override
    public String toString() {
        return name + "=" + value;
    }
}
