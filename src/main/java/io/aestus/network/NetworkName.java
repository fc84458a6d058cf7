package io.aestus.network;

import io.aestus.json.MalformedException;
import java.util.regex.Pattern;

/** The names of networks: they become names of files and of firewall chains. */
final class NetworkName {
    private static final Pattern FORM = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}");

    private NetworkName() {}

    static boolean isValid(String text) {
        return FORM.matcher(text).matches();
    }

    static String require(String text) {
        if (!isValid(text)) {
            throw new MalformedException(
                    "network name", text, "must be a letter or digit, then up to 62 of those or _ . -");
        }
        return text;
    }
}
