package io.aestus.network;

import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import java.util.ArrayList;
import java.util.List;

/** How names are resolved: what a network says of it, and what a pod asks for. */
public record NameServers(List<String> servers, List<String> searches, List<String> options) {
    public static final NameServers NONE = new NameServers(List.of(), List.of(), List.of());

    private static final int MOST = 32;

    public NameServers {
        servers = List.copyOf(servers);
        searches = List.copyOf(searches);
        options = List.copyOf(options);
    }

    public boolean isEmpty() {
        return servers.isEmpty() && searches.isEmpty() && options.isEmpty();
    }

    /** As the capability {@code dns}. */
    JsonObject toJson() {
        return JsonObject.builder()
                .put("servers", Json.strings(servers))
                .put("searches", Json.strings(searches))
                .put("options", Json.strings(options))
                .build();
    }

    /** The {@code dns} of a result. Words become lines of {@code resolv.conf}: none may break out of its own. */
    static NameServers read(JsonView dns) {
        var searches = new ArrayList<String>();
        dns.optional("domain")
                .filter(domain -> !domain.string().isEmpty())
                .ifPresent(domain -> searches.add(word(domain)));
        words(dns, "search").stream()
                .filter(search -> !searches.contains(search))
                .forEach(searches::add);
        return new NameServers(dns.list("nameservers", Addresses::literal), searches, words(dns, "options"));
    }

    private static List<String> words(JsonView dns, String field) {
        List<String> words = dns.list(field, NameServers::word);
        if (words.size() > MOST) {
            throw dns.failure("must not have more than " + MOST + " " + field);
        }
        return words;
    }

    private static String word(JsonView view) {
        String text = view.string();
        if (text.isEmpty() || text.length() > 255 || !text.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw view.failure("must be one word");
        }
        return text;
    }
}
