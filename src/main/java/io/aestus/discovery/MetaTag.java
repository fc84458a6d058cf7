package io.aestus.discovery;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jsoup.Jsoup;

/**
 * One discovery tag of a page: {@code <meta name="ac-discovery" content="PREFIX TARGET">}.
 *
 * @param prefix of the image names that it speaks for
 * @param target a template, or the URL of keys
 */
record MetaTag(String prefix, String target) {
    static final String IMAGES = "ac-discovery";
    static final String KEYS = "ac-discovery-pubkeys";

    /** More tags than any real page has; beyond, a page is an attack on our patience. */
    private static final int MOST = 64;

    /**
     * The tags called {@code kind} in the order of the page. Attribute names are read in any case, their values exactly.
     * Tags without a prefix and a target are passed over, as are those in comments, scripts and titles.
     *
     * @throws AestusException {@link Problem#EXHAUSTED} on a page with more than {@value #MOST} of them
     */
    static List<MetaTag> read(byte[] html, String kind) {
        var found = new ArrayList<MetaTag>();
        try {
            for (var meta :
                    Jsoup.parse(new ByteArrayInputStream(html), null, "").getElementsByTag("meta")) {
                String[] parts = meta.attr("content").strip().split("\\s+", 2);
                if (!meta.attr("name").equals(kind) || parts.length < 2) {
                    continue;
                }
                if (found.size() == MOST) {
                    throw new AestusException(
                            Problem.EXHAUSTED,
                            "cannot read discovery page: it has more than " + MOST + " " + kind + " tags");
                }
                found.add(new MetaTag(parts[0], parts[1]));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a byte array does not fail
        }
        return found;
    }

    /**
     * Whether this tag speaks for {@code name}: its prefix is the name, or ends where a path element of the name ends, so
     * that {@code example.com} does not speak for {@code example.community}.
     */
    boolean speaksFor(String name) {
        String whole = prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix;
        return !whole.isEmpty()
                && name.startsWith(whole)
                && (name.length() == whole.length() || name.charAt(whole.length()) == '/');
    }
}
