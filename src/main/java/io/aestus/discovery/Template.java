package io.aestus.discovery;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The template of an {@code ac-discovery} tag. Values go in as they are, in one pass from left to right: a value that looks
 * like a variable stays text.
 */
record Template(String text) {
    private static final Pattern VARIABLE = Pattern.compile("\\{([^{}]*)}");
    private static final String EXTENSION = "ext";
    private static final String NAME = "name";

    /** The labels that the template asks for. */
    Set<String> labels() {
        var labels = variables();
        labels.remove(NAME);
        labels.remove(EXTENSION);
        return labels;
    }

    /**
     * The places of an image and its signature.
     *
     * @param labels names and values, already known to be safe within a URL
     * @return empty if a variable has no value, {@code {ext}} is missing, or no usable URL comes out
     */
    Optional<Endpoint> render(String name, Map<String, String> labels) {
        if (!variables().contains(EXTENSION) || !labels.keySet().containsAll(labels())) {
            return Optional.empty();
        }
        return url(name, labels, "aci")
                .flatMap(image -> url(name, labels, "aci.asc").map(sig -> new Endpoint(image, sig)));
    }

    private Set<String> variables() {
        var names = new HashSet<String>();
        VARIABLE.matcher(text).results().forEach(variable -> names.add(variable.group(1)));
        return names;
    }

    private Optional<URI> url(String name, Map<String, String> labels, String extension) {
        String filled = VARIABLE.matcher(text)
                .replaceAll(variable -> Matcher.quoteReplacement(
                        switch (variable.group(1)) {
                            case EXTENSION -> extension;
                            case NAME -> name;
                            case String label -> labels.getOrDefault(label, "");
                        }));
        return usable(filled);
    }

    /** {@code text} as a URL with a host and without user information, the only kind that a page can send us to. */
    static Optional<URI> usable(String text) {
        try {
            var url = new URI(text);
            boolean fits = url.getScheme() != null && url.getHost() != null && url.getRawUserInfo() == null;
            return fits ? Optional.of(url) : Optional.empty();
        } catch (URISyntaxException _) {
            return Optional.empty(); // braces without a partner, blanks and the like: the tag is of no use
        }
    }
}
