package io.aestus.metadata;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The fields of a form, each a row of bytes. Of a name that is there twice the first counts.
 *
 * @see <a href="https://url.spec.whatwg.org/#urlencoded-parsing">URL: application/x-www-form-urlencoded</a>
 */
final class Form {
    private final Map<String, byte[]> fields;

    private Form(Map<String, byte[]> fields) {
        this.fields = fields;
    }

    static Form read(byte[] body) throws Refusal {
        var fields = new HashMap<String, byte[]>();
        for (String pair : new String(body, StandardCharsets.ISO_8859_1).split("&", -1)) {
            String[] sides = pair.split("=", 2);
            if (!pair.isEmpty()) {
                fields.putIfAbsent(decode(sides[0]), bytes(sides.length == 2 ? sides[1] : ""));
            }
        }
        return new Form(fields);
    }

    private static byte[] bytes(String encoded) throws Refusal {
        return decode(encoded).getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Each byte becomes one character. */
    private static String decode(String encoded) throws Refusal {
        try {
            return URLDecoder.decode(encoded, StandardCharsets.ISO_8859_1);
        } catch (IllegalArgumentException _) {
            throw new Refusal(400, "a percent sign must be followed by two hexadecimal digits");
        }
    }

    byte[] bytesOf(String name) throws Refusal {
        byte[] value = fields.get(name);
        if (value == null || value.length == 0) {
            throw new Refusal(400, "the form has no " + name);
        }
        return value;
    }

    String textOf(String name) throws Refusal {
        return new String(bytesOf(name), StandardCharsets.ISO_8859_1);
    }
}
