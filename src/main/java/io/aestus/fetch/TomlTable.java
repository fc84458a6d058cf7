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
 * of strings or of arrays. Anything else is an error that names its line.
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
    private final String shown;

    private TomlTable(String shown) {
        this.shown = shown;
    }

    /** @param shown the file, for messages */
    static TomlTable read(String text, String shown) {
        var root = new TomlTable(shown);
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
        long open = bare.chars().filter(c -> c == '[').count();
        return bare.stripLeading().startsWith("[")
                && open > bare.chars().filter(c -> c == ']').count();
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
            if (!(at.values.computeIfAbsent(name, _ -> new TomlTable(shown)) instanceof TomlTable below)) {
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
            var array = new ArrayList<Object>();
            requireEnd(rest.substring(array(rest, 1, array, 1, shown, line)), shown, line);
            return List.copyOf(array);
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

    /** Reads an array, from behind its bracket. @return where it ends */
    private static int array(String text, int from, List<Object> into, int depth, String shown, int line) {
        Matcher string = STRING.matcher(text);
        int at = from;
        while (true) {
            at = skip(text, at);
            if (at < text.length() && text.charAt(at) == ']') {
                return at + 1;
            }
            if (at < text.length() && text.charAt(at) == '[' && depth < DEEPEST) {
                var inner = new ArrayList<Object>();
                at = array(text, at + 1, inner, depth + 1, shown, line);
                into.add(List.copyOf(inner));
            } else if (string.find(at) && string.start() == at) {
                into.add(unquoted(string.group()));
                at = string.end();
            } else {
                throw failure(shown, line, "an array of something other than strings");
            }
            at = skip(text, at);
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
        return of(key, String.class, "a string");
    }

    Optional<Boolean> bool(String key) {
        return of(key, Boolean.class, "true or false");
    }

    private <T> Optional<T> of(String key, Class<T> kind, String expected) {
        Object value = values.get(key);
        if (value != null && !kind.isInstance(value)) {
            throw mistaken(key, expected);
        }
        return Optional.ofNullable(value).map(kind::cast);
    }

    /** An array of strings; a string alone is one of one. */
    Optional<List<String>> strings(String key) {
        return lists(key).map(lists -> lists.stream()
                .map(list -> {
                    if (list.size() != 1) {
                        throw mistaken(key, "a string or an array of strings");
                    }
                    return list.getFirst();
                })
                .toList());
    }

    /** An array of arrays of strings; a string alone is an array of one, at either level. */
    Optional<List<List<String>>> lists(String key) {
        return switch (values.get(key)) {
            case null -> Optional.empty();
            case String one -> Optional.of(List.of(List.of(one)));
            case List<?> all ->
                Optional.of(all.stream().map(each -> list(key, each)).toList());
            default -> throw mistaken(key, "a string or an array");
        };
    }

    private List<String> list(String key, Object element) {
        return switch (element) {
            case String one -> List.of(one);
            case List<?> all
            when all.stream().allMatch(String.class::isInstance) ->
                all.stream().map(String.class::cast).toList();
            default -> throw mistaken(key, "an array of strings, or of arrays of them");
        };
    }

    private AestusException mistaken(String key, String expected) {
        return new AestusException(
                Problem.INVALID, "cannot read " + shown + ": the key " + Quoted.of(key) + " must have " + expected);
    }
}
