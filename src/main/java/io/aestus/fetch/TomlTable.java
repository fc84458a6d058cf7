package io.aestus.fetch;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The part of TOML that configurations of registries are written in: tables with dotted names, and strings, truths, numbers and arrays
 * of strings. Anything else is an error that names its line.
 *
 * @see <a href="https://toml.io/en/v1.0.0">TOML</a>
 */
final class TomlTable {
    private static final String WORD = "(?:[A-Za-z0-9_-]+|\"(?:[^\"\\\\]|\\\\.)*\"|'[^']*')";
    private static final Pattern NAME = Pattern.compile("\\s*(" + WORD + ")\\s*(\\.|$)");
    private static final Pattern HEADER =
            Pattern.compile("\\s*\\[\\s*(" + WORD + "(?:\\s*\\.\\s*" + WORD + ")*)\\s*]\\s*(?:#.*)?");
    private static final Pattern PAIR = Pattern.compile("\\s*(" + WORD + ")\\s*=\\s*(.*)", Pattern.DOTALL);
    private static final Pattern STRING = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"|'([^']*)'");
    private static final Pattern PLAIN = Pattern.compile("true|false|[+-]?[0-9][0-9_]*");
    private static final int DEEPEST = 8;

    private final SequencedMap<String, Object> values = new LinkedHashMap<>();

    /** @param shown the file, for messages */
    static TomlTable read(String text, String shown) {
        var root = new TomlTable();
        TomlTable at = root;
        String[] lines = text.split("\r?\n", -1);
        for (int i = 0; i < lines.length; i++) {
            int first = i + 1;
            String line = lines[i];
            if (line.isBlank() || line.stripLeading().startsWith("#")) {
                continue;
            }
            Matcher header = HEADER.matcher(line);
            if (header.matches()) {
                at = root.descend(names(header.group(1)), shown, first);
                continue;
            }
            Matcher pair = PAIR.matcher(line);
            if (!pair.matches()) {
                throw failure(shown, first, "neither a table nor a value");
            }
            var value = new StringBuilder(pair.group(2));
            while (isOpenArray(value) && i + 1 < lines.length) {
                i++;
                value.append('\n').append(lines[i]);
            }
            Object read = value(value.toString(), shown, first);
            if (at.values.putIfAbsent(names(pair.group(1)).getFirst(), read) != null) {
                throw failure(shown, first, "a key that is there twice");
            }
        }
        return root;
    }

    private static boolean isOpenArray(CharSequence value) {
        String bare = STRING.matcher(value).replaceAll("\"\"").replaceAll("#[^\n]*", "");
        return bare.stripLeading().startsWith("[") && bare.indexOf(']') < 0;
    }

    private static List<String> names(String dotted) {
        var names = new ArrayList<String>();
        Matcher name = NAME.matcher(dotted);
        for (int at = 0; at < dotted.length() && name.find(at); at = name.end()) {
            names.add(unquoted(name.group(1)));
        }
        return names;
    }

    private static String unquoted(String word) {
        return switch (word.charAt(0)) {
            case '\'' -> word.substring(1, word.length() - 1);
            case '"' -> word.substring(1, word.length() - 1).replaceAll("\\\\(.)", "$1");
            default -> word;
        };
    }

    private TomlTable descend(List<String> names, String shown, int line) {
        if (names.size() > DEEPEST) {
            throw failure(shown, line, "tables nested more than " + DEEPEST + " deep");
        }
        TomlTable at = this;
        for (String name : names) {
            if (!(at.values.computeIfAbsent(name, _ -> new TomlTable()) instanceof TomlTable below)) {
                throw failure(shown, line, "a table of the name of a value");
            }
            at = below;
        }
        return at;
    }

    private static Object value(String text, String shown, int line) {
        String rest = text.strip();
        Matcher string = STRING.matcher(rest);
        if (string.lookingAt()) {
            requireEnd(rest.substring(string.end()), shown, line);
            return unquoted(string.group());
        }
        if (rest.startsWith("[")) {
            return array(rest, shown, line);
        }
        Matcher plain = PLAIN.matcher(rest);
        if (plain.lookingAt()) {
            requireEnd(rest.substring(plain.end()), shown, line);
            return switch (plain.group()) {
                case "true" -> true;
                case "false" -> false;
                case String number -> number;
            };
        }
        throw failure(shown, line, "a value that is no string, truth, number or array of strings");
    }

    private static List<String> array(String text, String shown, int line) {
        var strings = new ArrayList<String>();
        Matcher string = STRING.matcher(text);
        int at = 1;
        while (true) {
            at = skip(text, at);
            if (at < text.length() && text.charAt(at) == ']') {
                requireEnd(text.substring(at + 1), shown, line);
                return List.copyOf(strings);
            }
            if (!string.find(at) || string.start() != at) {
                throw failure(shown, line, "an array of something other than strings");
            }
            strings.add(unquoted(string.group()));
            at = skip(text, string.end());
            if (at < text.length() && text.charAt(at) == ',') {
                at++;
            } else if (at >= text.length() || text.charAt(at) != ']') {
                throw failure(shown, line, "an array without its end");
            }
        }
    }

    /** Over white space and comments. */
    private static int skip(String text, int from) {
        int at = from;
        while (at < text.length() && (Character.isWhitespace(text.charAt(at)) || text.charAt(at) == '#')) {
            if (text.charAt(at) == '#') {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
            } else {
                at++;
            }
        }
        return at;
    }

    private static void requireEnd(String rest, String shown, int line) {
        String left = rest.strip();
        if (!left.isEmpty() && !left.startsWith("#")) {
            throw failure(shown, line, "something behind a value: " + Quoted.of(left));
        }
    }

    private static AestusException failure(String shown, int line, String what) {
        return new AestusException(Problem.INVALID, "cannot read " + shown + ": line " + line + " has " + what);
    }

    SequencedSet<String> keys() {
        return values.sequencedKeySet();
    }

    Optional<TomlTable> table(String key) {
        return Optional.ofNullable(values.get(key))
                .filter(TomlTable.class::isInstance)
                .map(TomlTable.class::cast);
    }

    /** The tables in this one, in the order of the file. */
    Map<String, TomlTable> tables() {
        var tables = new LinkedHashMap<String, TomlTable>();
        values.forEach((key, value) -> {
            if (value instanceof TomlTable table) {
                tables.put(key, table);
            }
        });
        return tables;
    }

    Optional<String> string(String key) {
        return Optional.ofNullable(values.get(key))
                .filter(String.class::isInstance)
                .map(String.class::cast);
    }

    Optional<Boolean> bool(String key) {
        return Optional.ofNullable(values.get(key))
                .filter(Boolean.class::isInstance)
                .map(Boolean.class::cast);
    }

    /** An array of strings; a string alone is one of one. */
    Optional<List<String>> strings(String key) {
        return switch (values.get(key)) {
            case String one -> Optional.of(List.of(one));
            case List<?> all -> Optional.of(all.stream().map(String.class::cast).toList());
            case null, default -> Optional.empty();
        };
    }
}
