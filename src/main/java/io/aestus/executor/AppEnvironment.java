package io.aestus.executor;

import io.aestus.appc.App;
import io.aestus.appc.EnvironmentVariable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The environment of an app's processes, and where its programs are looked for.
 *
 * @see <a href="https://github.com/appc/spec/blob/v0.8.11/spec/ace.md#execution-environment">appc: Execution Environment</a>
 */
final class AppEnvironment {
    private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private AppEnvironment() {}

    /**
     * What the specification sets, then what the app says; {@code TERM} where there is a terminal. Where its metadata service is
     * the app cannot say otherwise.
     */
    static List<String> of(Stage1.AppPlace place, App app, Optional<String> home) {
        var variables = new LinkedHashMap<String, String>();
        variables.put("PATH", PATH);
        home.ifPresent(path -> variables.put("HOME", path));
        variables.put("AC_APP_NAME", place.name().value());
        variables.put("container", "aestus");
        if (place.options().terminal() == AppOptions.Terminal.TTY) {
            variables.put("TERM", "xterm");
        }
        for (EnvironmentVariable variable : app.environment().variables()) {
            variables.put(variable.name(), variable.value());
        }
        place.pod().metadataUrl().ifPresent(url -> variables.put("AC_METADATA_URL", url));
        return lines(variables);
    }

    /** An environment with others on top. */
    static List<String> with(List<String> environment, Map<String, String> others) {
        if (others.isEmpty()) {
            return environment;
        }
        var variables = new LinkedHashMap<String, String>();
        for (String line : environment) {
            int equals = line.indexOf('=');
            variables.put(line.substring(0, equals), line.substring(equals + 1));
        }
        variables.putAll(others);
        return lines(variables);
    }

    private static List<String> lines(Map<String, String> variables) {
        var lines = new ArrayList<String>(variables.size());
        variables.forEach((name, value) -> lines.add(name + "=" + value));
        return List.copyOf(lines);
    }

    /** The paths to try for a program: itself if it holds a slash, else in each directory of {@code PATH}. */
    static List<String> candidates(String program, List<String> environment) {
        if (program.contains("/")) {
            return List.of(program);
        }
        String path = environment.stream()
                .filter(line -> line.startsWith("PATH="))
                .map(line -> line.substring("PATH=".length()))
                .findFirst()
                .orElse(PATH);
        var candidates = new ArrayList<String>();
        for (String directory : path.split(":", -1)) {
            candidates.add(directory.isEmpty() ? "./" + program : directory + "/" + program);
        }
        return List.copyOf(candidates);
    }
}
