package io.aestus.discovery;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.AcIdentifier;
import io.aestus.appc.ImageQuery;
import io.aestus.appc.Label;
import io.aestus.appc.Labels;
import java.net.URI;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Meta discovery. A name is walked up from its full length to its host; at each level the page
 * {@code https://LEVEL?ac-discovery=1} is asked for, and the first level whose tags are of use decides. A level that answers
 * 4xx or has no such tag leads to its parent; one that does not answer, or answers 5xx, ends the search, so that an outage
 * deep down never hands a name to whoever holds the level above.
 */
public final class Discovery {
    /** What a query without a version asks for; for templates only, no image has to be labelled so. */
    private static final String ANY_VERSION = "latest";

    /** What a label may bring into a URL: unreserved characters and {@code +}, but no path of dots. */
    private static final Pattern HARMLESS = Pattern.compile("(?!\\.{1,2}$)[A-Za-z0-9._~+-]+");

    private final PageSource pages;
    private final DiscoveryPolicy policy;

    public Discovery(PageSource pages, DiscoveryPolicy policy) {
        this.pages = pages;
        this.policy = policy;
    }

    /**
     * The places that may have the image, best first: https before http, those that need no made-up version before the
     * others, then those that put more labels to use, then in the order of the page.
     *
     * @throws AestusException {@link Problem#NOT_FOUND} if no level of the name has a tag of use, {@link Problem#DENIED} if
     *     one of them wanted credentials, {@link Problem#INVALID} if a label cannot be part of a URL, or what the source says
     */
    public List<Endpoint> images(ImageQuery query) {
        String name = query.name().value();
        Map<String, String> labels = harmless(name, query.labels().orElse(policy.defaults()));
        boolean versioned = labels.putIfAbsent(Labels.VERSION, ANY_VERSION) != null;
        return walk(name, MetaTag.IMAGES, policy.allowsHttpImages(), tags -> {
            var ranked = new ArrayList<Ranked>();
            for (MetaTag tag : tags) {
                var template = new Template(tag.target());
                boolean made = !versioned && template.labels().contains(Labels.VERSION);
                template.render(name, labels)
                        .filter(endpoint -> mayAsk(endpoint.image(), policy.allowsHttpImages()))
                        .ifPresent(endpoint -> ranked.add(
                                new Ranked(endpoint, made, template.labels().size())));
            }
            return ranked.stream()
                    .sorted(Ranked.BEST_FIRST)
                    .map(Ranked::endpoint)
                    .toList();
        });
    }

    /**
     * The places of the keys for {@code name} and all that lies under it: those of the first level that names any.
     *
     * @throws AestusException as {@link #images}
     */
    public List<URI> keys(AcIdentifier name) {
        return walk(name.value(), MetaTag.KEYS, policy.allowsHttpKeys(), tags -> tags.stream()
                .flatMap(tag -> Template.usable(tag.target()).stream())
                .filter(url -> mayAsk(url, policy.allowsHttpKeys()))
                .toList());
    }

    private <T> List<T> walk(String name, String kind, boolean allowsHttp, TagReader<T> reader) {
        boolean denied = false;
        for (String level : levels(name)) {
            PageSource.Page page = page(name, level, allowsHttp);
            switch (page.status()) {
                case 200 -> {
                    List<T> found = reader.read(MetaTag.read(page.body(), kind).stream()
                            .filter(tag -> tag.speaksFor(name))
                            .toList());
                    if (!found.isEmpty()) {
                        return found;
                    }
                }
                case 401, 403 -> denied = true;
                default -> {
                    if (page.status() < 400 || page.status() >= 500) {
                        throw new AestusException(
                                Problem.UNAVAILABLE,
                                "cannot discover " + name + ": " + level + " answers " + page.status());
                    }
                }
            }
        }
        throw nothing(name, kind, denied);
    }

    private PageSource.Page page(String name, String level, boolean allowsHttp) {
        try {
            return pages.get(pageOf(name, "https", level));
        } catch (AestusException https) {
            if (!allowsHttp) {
                throw https;
            }
            try {
                return pages.get(pageOf(name, "http", level));
            } catch (AestusException http) {
                http.addSuppressed(https);
                throw http;
            }
        }
    }

    private static URI pageOf(String name, String scheme, String level) {
        return Template.usable(scheme + "://" + level + "?ac-discovery=1")
                .orElseThrow(() -> new AestusException(
                        Problem.INVALID,
                        "cannot discover " + Quoted.of(name) + ": its first part is not the name of a host"));
    }

    /** {@code a/b/c}, {@code a/b}, {@code a}. */
    private static List<String> levels(String name) {
        if (name.contains("/../") || name.contains("/./") || name.contains("//")) {
            throw new AestusException(
                    Problem.INVALID, "cannot discover " + Quoted.of(name) + ": it has an empty or dotted path element");
        }
        var levels = new ArrayList<String>();
        String level = name;
        levels.add(level);
        for (int slash = level.lastIndexOf('/'); slash > 0; slash = level.lastIndexOf('/')) {
            level = level.substring(0, slash);
            levels.add(level);
        }
        return levels;
    }

    private static Map<String, String> harmless(String name, Labels labels) {
        var values = new HashMap<String, String>();
        for (Label label : labels.all()) {
            if (!HARMLESS.matcher(label.value()).matches()) {
                throw new AestusException(
                        Problem.INVALID,
                        "cannot discover " + name + ": label " + label.name() + " has the value "
                                + Quoted.of(label.value()) + ", which cannot be part of a URL");
            }
            values.put(label.name().value(), label.value());
        }
        return values;
    }

    private static boolean mayAsk(URI url, boolean allowsHttp) {
        return url.getScheme().equalsIgnoreCase("https")
                || (allowsHttp && url.getScheme().equalsIgnoreCase("http"));
    }

    private static AestusException nothing(String name, String kind, boolean denied) {
        if (denied) {
            return new AestusException(
                            Problem.DENIED,
                            "cannot discover " + name + ": its server wants other credentials than we have")
                    .withRemedy("put credentials for the host into auth.d");
        }
        return new AestusException(
                        Problem.NOT_FOUND,
                        "cannot discover " + name + ": no page from it up to its host has a usable " + kind + " tag")
                .withRemedy(
                        kind.equals(MetaTag.KEYS)
                                ? "give the key itself as a file or URL"
                                : "check the name, or give the URL or the file of the image");
    }

    private interface TagReader<T> {
        List<T> read(List<MetaTag> tags);
    }

    private record Ranked(Endpoint endpoint, boolean makesUpVersion, int labels) {
        static final Comparator<Ranked> BEST_FIRST = Comparator.comparing(
                        (Ranked one) -> !one.endpoint.image().getScheme().equalsIgnoreCase("https"))
                .thenComparing(Ranked::makesUpVersion)
                .thenComparing(Comparator.comparingInt(Ranked::labels).reversed());
    }
}
