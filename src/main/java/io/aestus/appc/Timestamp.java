package io.aestus.appc;

import io.aestus.json.MalformedException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.regex.Pattern;

/** Times in manifests: RFC 3339 with capital {@code T} and {@code Z}. */
final class Timestamp {
    private static final Pattern RFC3339 =
            Pattern.compile("(\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2})(?:(\\.\\d{1,9})\\d*+)?(Z|[-+]\\d{2}:\\d{2})");

    private Timestamp() {}

    /** The instant; digits beyond nanoseconds are dropped. */
    static Instant parse(String text) {
        var parts = RFC3339.matcher(text);
        if (parts.matches()) {
            String fraction = parts.group(2) == null ? "" : parts.group(2);
            try {
                return OffsetDateTime.parse(parts.group(1) + fraction + parts.group(3))
                        .toInstant();
            } catch (DateTimeException _) {
                // an hour 24, a 30th of February: as wrong as any other text
            }
        }
        throw new MalformedException("time", text, "must be an RFC 3339 time such as 2014-10-27T19:32:27Z");
    }
}
