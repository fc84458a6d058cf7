package io.aestus.appc;

import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;

/**
 * A port, or a range of them, that an app listens on.
 *
 * @param name how a pod's {@link ExposedPort} finds it
 * @param protocol mostly {@code tcp} or {@code udp}; any word is legal
 * @param port the first one, 1 to 65535
 * @param count how many there are; the last one is at most 65535
 * @param socketActivated true if the app takes over sockets that are listening already
 */
public record Port(AcName name, String protocol, int port, int count, boolean socketActivated) {
    static final int HIGHEST = 65_535;

    public Port {
        if (protocol.isEmpty() || port < 1 || count < 1 || count > HIGHEST + 1 - port) {
            throw new IllegalArgumentException("not a port: " + protocol + " " + port + " × " + count);
        }
    }

    /** A single port. */
    public static Port of(AcName name, String protocol, int port) {
        return new Port(name, protocol, port, 1, false);
    }

    static Port read(JsonView view) {
        AcName name = view.required("name").parsed(AcName::parse);
        JsonView protocol = view.required("protocol");
        if (protocol.string().isEmpty()) {
            throw protocol.failure("must not be empty");
        }
        int first = view.required("port").wholeInt(1, HIGHEST);
        int count = view.optional("count")
                .map(each -> each.wholeInt(1, HIGHEST + 1 - first))
                .orElse(1);
        return new Port(name, protocol.string(), first, count, view.isTrue("socketActivated"));
    }

    /** The last port of the range. */
    public int last() {
        return port + count - 1;
    }

    JsonObject toJson() {
        var json = JsonObject.builder()
                .put("name", name.value())
                .put("protocol", protocol)
                .put("port", port);
        if (count != 1) {
            json.put("count", count);
        }
        return json.putIfTrue("socketActivated", socketActivated).build();
    }
}
