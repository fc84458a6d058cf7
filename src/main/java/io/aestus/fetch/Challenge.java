package io.aestus.fetch;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a registry wants to be convinced.
 *
 * @param scheme in small letters: {@code bearer} or {@code basic}
 * @param parameters by name in small letters
 * @see <a href="https://distribution.github.io/distribution/spec/auth/token/">Distribution: token authentication</a>
 */
record Challenge(String scheme, Map<String, String> parameters) {
    private static final int LONGEST = 8192;
    private static final Pattern PARAMETER =
            Pattern.compile("\\G[\\s,]*([A-Za-z_]+)\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s,\"]+))");
    private static final Pattern SCHEME = Pattern.compile("\\s*([A-Za-z]+)(?:\\s+|$)");

    Challenge {
        parameters = Map.copyOf(parameters);
    }

    /** The first of {@code headers} that we know how to meet: a token before a password. */
    static Optional<Challenge> choose(List<String> headers) {
        List<Challenge> known = headers.stream()
                .filter(header -> header.length() <= LONGEST)
                .flatMap(header -> read(header).stream())
                .toList();
        return known.stream()
                .filter(challenge -> challenge.scheme().equals("bearer"))
                .findFirst()
                .or(() -> known.stream()
                        .filter(challenge -> challenge.scheme().equals("basic"))
                        .findFirst());
    }

    private static Optional<Challenge> read(String header) {
        Matcher scheme = SCHEME.matcher(header);
        if (!scheme.lookingAt()) {
            return Optional.empty();
        }
        var parameters = new HashMap<String, String>();
        Matcher parameter = PARAMETER.matcher(header).region(scheme.end(), header.length());
        while (parameter.find()) {
            String value =
                    parameter.group(2) != null ? parameter.group(2).replaceAll("\\\\(.)", "$1") : parameter.group(3);
            parameters.putIfAbsent(parameter.group(1).toLowerCase(Locale.ROOT), value);
        }
        return Optional.of(new Challenge(scheme.group(1).toLowerCase(Locale.ROOT), parameters));
    }

    Optional<String> parameter(String name) {
        return Optional.ofNullable(parameters.get(name)).filter(value -> !value.isEmpty());
    }
}
