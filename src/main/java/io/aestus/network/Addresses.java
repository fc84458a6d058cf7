package io.aestus.network;

import io.aestus.json.JsonView;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Locale;

/** IP addresses in what plugins say. */
final class Addresses {
    private static final int LONGEST = 45;

    private Addresses() {}

    /** An address by itself. */
    static String literal(JsonView view) {
        return checked(view, view.string());
    }

    /** The address of {@code ADDRESS/PREFIX}. */
    static String ofInterface(JsonView view) {
        String text = view.string();
        int slash = text.indexOf('/');
        return checked(view, slash < 0 ? text : text.substring(0, slash));
    }

    private static String checked(JsonView view, String text) {
        if (text.length() > LONGEST || text.indexOf('%') >= 0) {
            throw view.failure("must be an IP address");
        }
        try {
            InetAddress address = InetAddress.ofLiteral(text);
            if (!(address instanceof Inet4Address)) {
                return text.toLowerCase(Locale.ROOT);
            }
            if (text.indexOf(':') < 0 && !address.getHostAddress().equals(text)) { // such as 127.1
                throw view.failure("must be an IP address with four numbers");
            }
            return address.getHostAddress();
        } catch (IllegalArgumentException _) {
            throw view.failure("must be an IP address");
        }
    }
}
