package io.aestus.appc;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.json.JsonArray;
import io.aestus.json.JsonView;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is told about an image, an app or a pod, to people and to the executor. The names that the specification defines
 * have checked values; all others are free.
 *
 * @param all in their order, no name twice
 * @see <a href="https://github.com/appc/spec/blob/v0.8.11/spec/aci.md#image-manifest-schema">appc: Image Manifest</a>
 */
public record Annotations(List<Annotation> all) {
    public static final Annotations NONE = new Annotations(List.of());
    public static final String CREATED = "created";
    public static final String AUTHORS = "authors";
    public static final String HOMEPAGE = "homepage";
    public static final String DOCUMENTATION = "documentation";
    public static final String SUPPORTS_SYSTEMD_NOTIFY = "appc.io/executor/supports-systemd-notify";

    /** Ours: how long an event handler may take, such as {@code 1m30s}. */
    public static final String EVENT_HANDLER_TIMEOUT = "aestus.io/event-handler-timeout";

    /** Ours: whether the app sees the files of its cgroups also where limits are set by cgroup v1. */
    public static final String CGROUP_FILES = "aestus.io/cgroup-files";

    private static final Pattern DURATION = Pattern.compile("(?=.)(?:(\\d{1,2})h)?(?:(\\d{1,4})m)?(?:(\\d{1,5})s)?");
    private static final String A_DURATION = "must be a duration from 1s to 24h, such as 1m30s";
    private static final Duration LONGEST = Duration.ofHours(24);

    /** The words that images in use write; the specification names only the first of each kind. */
    private static final Map<String, Boolean> TRUTHS = Map.ofEntries(
            Map.entry("true", true),
            Map.entry("false", false),
            Map.entry("True", true),
            Map.entry("False", false),
            Map.entry("TRUE", true),
            Map.entry("FALSE", false),
            Map.entry("t", true),
            Map.entry("f", false),
            Map.entry("T", true),
            Map.entry("F", false),
            Map.entry("1", true),
            Map.entry("0", false));

    public Annotations {
        all = NamedValues.unique(all, Annotation::name);
    }

    public static Annotations read(JsonView list) {
        var annotations = new Annotations(NamedValues.read(list, AcIdentifier::parse, Annotation::new));
        for (JsonView element : list.elements()) {
            check(element.required("name").string(), element.required("value"));
        }
        return annotations;
    }

    private static void check(String name, JsonView value) {
        switch (name) {
            case CREATED -> value.parsed(Timestamp::parse);
            case HOMEPAGE, DOCUMENTATION -> {
                if (!isWebAddress(value.string())) {
                    throw value.failure("must be an http or https URL");
                }
            }
            case SUPPORTS_SYSTEMD_NOTIFY -> {
                if (!TRUTHS.containsKey(value.string())) {
                    throw value.failure("must be \"true\" or \"false\"");
                }
            }
            case EVENT_HANDLER_TIMEOUT -> {
                if (duration(value.string()).isEmpty()) {
                    throw value.failure(A_DURATION);
                }
            }
            default -> {} // free
        }
    }

    /** @return empty unless it is one from a second to a day */
    private static Optional<Duration> duration(String text) {
        var parts = DURATION.matcher(text);
        if (!parts.matches()) {
            return Optional.empty();
        }
        var duration = Duration.ofHours(number(parts.group(1)))
                .plusMinutes(number(parts.group(2)))
                .plusSeconds(number(parts.group(3)));
        return Optional.of(duration).filter(each -> each.isPositive() && each.compareTo(LONGEST) <= 0);
    }

    private static long number(@Nullable String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }

    private static boolean isWebAddress(String text) {
        try {
            var address = new URI(text);
            String scheme = String.valueOf(address.getScheme());
            return (scheme.equals("http") || scheme.equals("https")) && address.getRawAuthority() != null;
        } catch (URISyntaxException _) {
            return false;
        }
    }

    public Optional<String> get(String name) {
        return all.stream()
                .filter(annotation -> annotation.name().value().equals(name))
                .map(Annotation::value)
                .findFirst();
    }

    /** When the image was built, if it says so. */
    public Optional<Instant> created() {
        return get(CREATED).map(Timestamp::parse);
    }

    /** True if the app tells by sd_notify when it is ready. */
    public boolean supportsSystemdNotify() {
        return isTrue(SUPPORTS_SYSTEMD_NOTIFY);
    }

    /** True if the app wants to see the files of its cgroups. */
    public boolean wantsCgroupFiles() {
        return isTrue(CGROUP_FILES);
    }

    private boolean isTrue(String name) {
        return get(name).map(text -> TRUTHS.getOrDefault(text, false)).orElse(false);
    }

    /**
     * How long an event handler may take, if it is said.
     *
     * @throws AestusException {@link Problem#INVALID} if it is said in words that are no duration
     */
    public Optional<Duration> eventHandlerTimeout() {
        return get(EVENT_HANDLER_TIMEOUT).map(text -> duration(text)
                .orElseThrow(() -> new AestusException(
                        Problem.INVALID,
                        "cannot read annotation " + EVENT_HANDLER_TIMEOUT + ": " + Quoted.of(text) + " "
                                + A_DURATION)));
    }

    /** These annotations with one more, or with another value of one. */
    public Annotations with(String name, String value) {
        return new Annotations(List.of(new Annotation(AcIdentifier.parse(name), value))).over(this);
    }

    /** These annotations, and those of {@code others} whose names are not among them: a pod app's over its image's. */
    public Annotations over(Annotations others) {
        var merged = new ArrayList<>(all);
        others.all.stream()
                .filter(annotation -> get(annotation.name().value()).isEmpty())
                .forEach(merged::add);
        return new Annotations(merged);
    }

    public boolean isEmpty() {
        return all.isEmpty();
    }

    public JsonArray toJson() {
        return NamedValues.toJson(all, Annotation::name, Annotation::value);
    }
}
