package io.aestus.aci;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The records of an extended header, {@code LENGTH KEY=VALUE\n} each. Values stay bytes: those of extended attributes are
 * no text.
 *
 * @see <a href="https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13_03">pax Extended Header</a>
 */
final class PaxHeader {
    static final String XATTR = "SCHILY.xattr.";
    private static final String SPARSE = "GNU.sparse.";

    private final Map<String, byte[]> records = new LinkedHashMap<>();
    /** Offsets and lengths of GNU sparse format 0.0, whose keys repeat. */
    private final List<Long> sparsePairs = new ArrayList<>();

    static PaxHeader read(byte[] bytes, String entry) {
        var header = new PaxHeader();
        int at = 0;
        while (at < bytes.length) {
            at = header.readRecord(bytes, at, entry);
        }
        return header;
    }

    private int readRecord(byte[] bytes, int start, String entry) {
        int length = 0;
        int at = start;
        while (at < bytes.length && bytes[at] >= '0' && bytes[at] <= '9' && length <= bytes.length) {
            length = length * 10 + (bytes[at++] - '0');
        }
        int end = start + length;
        if (at == start || at >= bytes.length || bytes[at] != ' ' || length > bytes.length - start || end <= at + 1) {
            throw malformed(entry);
        }
        int key = at + 1;
        int equals = key;
        while (equals < end && bytes[equals] != '=') {
            equals++;
        }
        if (equals == key || equals >= end || bytes[end - 1] != '\n') {
            throw malformed(entry);
        }
        String name = TarFields.text(bytes, key, equals - key);
        byte[] value = Arrays.copyOfRange(bytes, equals + 1, end - 1);
        if (name.equals("GNU.sparse.offset") || name.equals("GNU.sparse.numbytes")) {
            boolean isOffset = name.endsWith("offset");
            if (sparsePairs.size() % 2 != (isOffset ? 0 : 1)) {
                throw malformed(entry);
            }
            sparsePairs.add(decimal(value, entry));
        } else {
            records.put(name, value);
        }
        return end;
    }

    /** Refuses records that would change every later entry's name or length: no honest writer makes these. */
    void requireHarmlessGlobally() {
        for (String key : records.keySet()) {
            if (key.equals("path") || key.equals("linkpath") || key.equals("size") || key.startsWith(SPARSE)) {
                throw HostileArchiveException.archive("a global extended header sets " + key);
            }
        }
        if (!sparsePairs.isEmpty()) {
            throw HostileArchiveException.archive("a global extended header makes files sparse");
        }
    }

    /** These records over those of {@code global}. */
    PaxHeader over(PaxHeader global) {
        if (global.records.isEmpty()) {
            return this;
        }
        var merged = new PaxHeader();
        merged.records.putAll(global.records);
        merged.records.putAll(records);
        merged.sparsePairs.addAll(sparsePairs);
        return merged;
    }

    /** The text of a record; null when it is absent, or empty, which undoes a global one. */
    @Nullable
    String text(String key, String entry) {
        byte[] value = records.get(key);
        if (value == null || value.length == 0) {
            return null;
        }
        for (byte b : value) {
            if (b == 0) {
                throw HostileArchiveException.entry(entry, "has a NUL in its " + key);
            }
        }
        return TarFields.text(value, 0, value.length);
    }

    /** A record that is a whole number, or {@code otherwise}. */
    long number(String key, long otherwise, String entry) {
        byte[] value = records.get(key);
        return value == null || value.length == 0 ? otherwise : decimal(value, entry);
    }

    boolean has(String key) {
        return records.containsKey(key);
    }

    /** The pairs of sparse format 0.0, or of the one line of format 0.1; empty if neither is there. */
    List<Long> sparsePairs(String entry) {
        String line = text("GNU.sparse.map", entry);
        if (line == null) {
            return sparsePairs;
        }
        var pairs = new ArrayList<Long>();
        for (String number : line.split(",", -1)) {
            pairs.add(decimal(number.getBytes(StandardCharsets.UTF_8), entry));
        }
        return pairs;
    }

    Map<String, byte[]> xattrs() {
        Map<String, byte[]> found = null;
        for (var pax : records.entrySet()) {
            if (pax.getKey().startsWith(XATTR)) {
                found = found == null ? new LinkedHashMap<>() : found;
                found.put(pax.getKey().substring(XATTR.length()), pax.getValue());
            }
        }
        return found == null ? Map.of() : found;
    }

    static long decimal(byte[] digits, String entry) {
        if (digits.length == 0 || digits.length > 18) {
            throw malformed(entry);
        }
        long value = 0;
        for (byte digit : digits) {
            if (digit < '0' || digit > '9') {
                throw malformed(entry);
            }
            value = value * 10 + (digit - '0');
        }
        return value;
    }

    private static HostileArchiveException malformed(String entry) {
        return HostileArchiveException.entry(entry, "has a malformed extended header");
    }

    /** A time in seconds with a fraction of any length, which may be negative. */
    record Time(long seconds, int nanos) {
        static Time parse(String text, String entry) {
            boolean negative = text.startsWith("-");
            int dot = text.indexOf('.');
            String whole = text.substring(negative ? 1 : 0, dot < 0 ? text.length() : dot);
            String fraction = dot < 0 ? "" : text.substring(dot + 1);
            long seconds = decimal(whole.getBytes(StandardCharsets.UTF_8), entry);
            String nine = (fraction + "000000000").substring(0, 9);
            int nanos = (int) decimal(nine.getBytes(StandardCharsets.UTF_8), entry);
            if (!negative) {
                return new Time(seconds, nanos);
            }
            return nanos == 0 ? new Time(-seconds, 0) : new Time(-seconds - 1, 1_000_000_000 - nanos);
        }
    }
}
