package io.aestus.network;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Pattern;

/**
 * A network that a pod is to be attached to.
 *
 * @param network its name
 * @param arguments what its plugins are told besides, as {@code CNI_ARGS}: {@code IP} asks for an address
 */
public record NetworkChoice(String network, SequencedMap<String, String> arguments) {
    /** Neither separators of CNI_ARGS nor controls. */
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9_.-]{1,64}");

    private static final String NAMES = "K8S_POD_";
    /** Says that a plugin may take no notice of what it does not know. */
    private static final String IGNORE_UNKNOWN = "IgnoreUnknown";

    private static final Pattern VALUE = Pattern.compile("[^;=\\p{Cntrl}]{0,256}");

    public NetworkChoice {
        NetworkName.require(network);
        arguments = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(arguments));
        arguments.forEach((key, value) -> {
            if (!KEY.matcher(key).matches() || !VALUE.matcher(value).matches()) {
                throw new AestusException(
                        Problem.INVALID,
                        "cannot tell network " + network + " the argument " + Quoted.of(key + "=" + value)
                                + ": a key is letters, digits and _ . -, and neither has ; or =");
            }
        });
    }

    public static NetworkChoice of(String network) {
        return new NetworkChoice(network, new LinkedHashMap<>());
    }

    /** Reads {@code NAME} or {@code NAME:KEY=VALUE;KEY=VALUE}. */
    public static NetworkChoice parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            return of(text);
        }
        var arguments = new LinkedHashMap<String, String>();
        for (String pair : text.substring(colon + 1).split(";", -1)) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw new AestusException(
                        Problem.INVALID,
                        "cannot read network " + Quoted.of(text) + ": expected NAME:KEY=VALUE;KEY=VALUE");
            }
            arguments.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
        return new NetworkChoice(text.substring(0, colon), arguments);
    }

    /** Reads several, with commas between them. */
    public static List<NetworkChoice> parseAll(String text) {
        var choices = new ArrayList<NetworkChoice>();
        for (String one : text.split(",", -1)) {
            choices.add(parse(one));
        }
        return choices;
    }

    public NetworkChoice withArguments(Map<String, String> more) {
        var all = new LinkedHashMap<>(arguments);
        all.putAll(more);
        return new NetworkChoice(network, all);
    }

    /** The same without what the pod is called, as Kubernetes has runtimes tell it. */
    NetworkChoice nameless() {
        var rest = new LinkedHashMap<>(arguments);
        rest.keySet().removeIf(key -> key.startsWith(NAMES) || key.equals(IGNORE_UNKNOWN));
        return new NetworkChoice(network, rest);
    }

    /** As {@code CNI_ARGS}. */
    String argumentText() {
        var pairs = new ArrayList<String>();
        arguments.forEach((key, value) -> pairs.add(key + "=" + value));
        return String.join(";", pairs);
    }

    JsonObject toJson() {
        return JsonObject.builder()
                .put("network", network)
                .putUnlessEmpty("arguments", Json.stringMap(arguments))
                .build();
    }

    static NetworkChoice read(JsonView json) {
        return new NetworkChoice(json.required("network").string(), new LinkedHashMap<>(json.stringMap("arguments")));
    }
}
