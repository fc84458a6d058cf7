package io.aestus.network;

import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What plugins say they made. */
final class Result {
    private static final int MOST_ADDRESSES = 64;

    private Result() {}

    /** The object as it is, once all that anyone here will read of it has been read. */
    static JsonObject checked(JsonView answer) {
        answer.required("cniVersion").parsed(CniVersion::parse);
        addresses(answer);
        names(answer);
        return answer.object();
    }

    /** The addresses of the pod: not those of interfaces that stay on the host. */
    static List<String> addresses(JsonView result) {
        var addresses = new ArrayList<String>();
        List<JsonView> interfaces = result.list("interfaces", one -> one);
        for (JsonView ip : result.list("ips", one -> one)) {
            if (addresses.size() == MOST_ADDRESSES) {
                throw ip.failure("must not be one of more than " + MOST_ADDRESSES);
            }
            Optional<JsonView> at = ip.optional("interface");
            if (at.isEmpty() || isInPod(interfaces, at.get())) {
                addresses.add(Addresses.ofInterface(ip.required("address")));
            }
        }
        return addresses;
    }

    private static boolean isInPod(List<JsonView> interfaces, JsonView index) {
        long number = index.whole(0, Integer.MAX_VALUE);
        if (number >= interfaces.size()) {
            throw index.failure("must be the number of an interface");
        }
        return interfaces
                .get((int) number)
                .optional("sandbox")
                .filter(sandbox -> !sandbox.string().isEmpty())
                .isPresent();
    }

    static NameServers names(JsonView result) {
        return result.optional("dns").map(NameServers::read).orElse(NameServers.NONE);
    }
}
