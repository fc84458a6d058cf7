package io.aestus.appc;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.json.MalformedException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * An absolute path in an app's tree or on the host, cleaned: no {@code .}, no {@code ..}, no doubled or trailing slash.
 * What it leads to is decided by whoever opens it.
 *
 * @param value the cleaned path, beginning with a slash
 */
public record AbsolutePath(String value) implements Comparable<AbsolutePath> {
    public static final AbsolutePath ROOT = new AbsolutePath("/");

    private static final int LONGEST = 4095; // PATH_MAX counts the NUL

    public AbsolutePath {
        if (!value.equals(cleaned(value))) {
            throw new IllegalArgumentException("not a clean absolute path: " + value);
        }
    }

    /**
     * Reads and cleans a path.
     *
     * @throws AestusException {@link Problem#INVALID} unless {@code text} is absolute and free of {@code ..} and NUL
     */
    public static AbsolutePath parse(String text) {
        return new AbsolutePath(cleaned(text));
    }

    private static String cleaned(String text) {
        if (!text.startsWith("/")) {
            throw new MalformedException("path", text, "must be absolute");
        }
        if (text.indexOf('\0') >= 0) {
            throw new MalformedException("path", text, "must not contain NUL");
        }
        if (text.getBytes(StandardCharsets.UTF_8).length > LONGEST) {
            throw new MalformedException("path", text, "must not be longer than " + LONGEST + " bytes");
        }
        var clean = new StringBuilder();
        for (String name : text.split("/", -1)) {
            if (name.equals("..")) {
                throw new MalformedException("path", text, "must not contain '..'");
            }
            if (!name.isEmpty() && !name.equals(".")) {
                clean.append('/').append(name);
            }
        }
        return clean.isEmpty() ? "/" : clean.toString();
    }

    /** True if {@code other} is this path or lies below it. */
    public boolean covers(AbsolutePath other) {
        return value.equals("/") || other.value.equals(value) || other.value.startsWith(value + "/");
    }

    /** The path as seen from the root: without its leading slash, {@code .} for the root itself. */
    public String relative() {
        return value.equals("/") ? "." : value.substring(1);
    }

    public Path toPath() {
        return Path.of(value);
    }

    @Override
    public int compareTo(AbsolutePath other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
