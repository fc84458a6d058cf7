package io.aestus.store;

import io.aestus.linux.FileName;
import java.io.ByteArrayOutputStream;
import java.util.HexFormat;

/** File names as JSON text: bytes that are no UTF-8, and percent signs, as {@code %E9}. */
final class EscapedName {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private EscapedName() {}

    static String escaped(String name) {
        if (name.chars().noneMatch(c -> c == '%' || Character.isSurrogate((char) c))) {
            return name;
        }
        var text = new StringBuilder();
        name.codePoints().forEach(c -> {
            boolean isByte = Character.MIN_SURROGATE <= c && c <= Character.MAX_SURROGATE; // see FileName
            if (isByte || c == '%') {
                text.append('%').append(HEX.toHexDigits((byte) c));
            } else {
                text.appendCodePoint(c);
            }
        });
        return text.toString();
    }

    static String unescaped(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        var bytes = new ByteArrayOutputStream();
        String[] parts = text.split("%", -1);
        bytes.writeBytes(FileName.encode(parts[0]));
        for (int i = 1; i < parts.length; i++) {
            bytes.write(HexFormat.fromHexDigits(parts[i], 0, 2));
            bytes.writeBytes(FileName.encode(parts[i].substring(2)));
        }
        return FileName.decode(bytes.toByteArray());
    }
}
