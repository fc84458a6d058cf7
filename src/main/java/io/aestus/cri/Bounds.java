package io.aestus.cri;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AbsolutePath;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/** What no request may exceed, whatever it asks: else one that is wrong, or hostile, would be found out only where it hurts. */
final class Bounds {
    static final int LONGEST_TEXT = 256 * 1024;
    static final int LONGEST_LIST = 4096;
    static final int LONGEST_PATH = 4096;

    private Bounds() {}

    /** @throws AestusException {@link Problem#INVALID} naming the field */
    static void check(Message request) {
        request.getAllFields().forEach((field, value) -> check(field, value));
    }

    private static void check(FieldDescriptor field, Object value) {
        switch (value) {
            case Collection<?> list -> {
                if (list.size() > LONGEST_LIST) {
                    throw refused(field, list.size() + " elements are too many: at most " + LONGEST_LIST);
                }
                list.forEach(element -> check(field, element));
            }
            case Message message -> check(message);
            case String text -> check(field, text);
            case ByteString bytes -> check(field, bytes.toString(StandardCharsets.ISO_8859_1));
            default -> {} // numbers are judged by those who use them
        }
    }

    private static void check(FieldDescriptor field, String text) {
        if (text.length() > LONGEST_TEXT) {
            throw refused(field, text.length() + " characters are too many: at most " + LONGEST_TEXT);
        }
        if (text.indexOf('\0') >= 0) {
            throw refused(field, "a NUL ends a name too early");
        }
        if (isPath(field) && !text.isEmpty()) {
            checkPath(field, text);
        }
    }

    private static boolean isPath(FieldDescriptor field) {
        String name = field.getName();
        return name.endsWith("_path")
                || name.endsWith("_paths")
                || name.endsWith("_dir")
                || name.equals("log_directory")
                || name.equals("cgroup_parent")
                || name.equals("location");
    }

    private static void checkPath(FieldDescriptor field, String path) {
        if (path.length() > LONGEST_PATH) {
            throw refused(field, path.length() + " characters are too many for a path: at most " + LONGEST_PATH);
        }
        if (List.of(path.split("/", -1)).contains("..")) {
            throw refused(field, "a path must not go up by ..");
        }
        if (field.getName().equals("log_path") && Path.of(path).isAbsolute()) {
            throw refused(field, "a log is below its sandbox's log directory");
        }
    }

    /** An absolute path, or the reason why it is none, with the name of its field. */
    static AbsolutePath path(String field, String text) {
        try {
            return AbsolutePath.parse(text);
        } catch (AestusException e) {
            throw new AestusException(Problem.INVALID, "cannot take field " + field + ": " + e.message(), e);
        }
    }

    private static AestusException refused(FieldDescriptor field, String why) {
        return new AestusException(Problem.INVALID, "cannot take field " + field.getName() + ": " + why);
    }
}
