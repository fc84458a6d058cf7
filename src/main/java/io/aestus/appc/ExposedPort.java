package io.aestus.appc;

import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import io.aestus.json.MalformedException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A port of an app that is reached from outside the host.
 *
 * @param name of the app's port, unless {@code podPort} is given
 * @param hostPort the first port on the host, 1 to 65535
 * @param hostIp the only IPv4 address of the host that is used; without it, all are
 * @param podPort what is exposed, instead of looking it up by name
 */
public record ExposedPort(AcName name, int hostPort, Optional<String> hostIp, Optional<Port> podPort) {
    private static final String BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final Pattern DOTTED_QUAD = Pattern.compile("(" + BYTE + "\\.){3}" + BYTE);

    public ExposedPort {
        if (hostPort < 1 || hostPort > Port.HIGHEST) {
            throw new IllegalArgumentException("not a port: " + hostPort);
        }
        hostIp.ifPresent(ExposedPort::parseIp);
    }

    static ExposedPort read(JsonView view) {
        return new ExposedPort(
                view.required("name").parsed(AcName::parse),
                view.required("hostPort").wholeInt(1, Port.HIGHEST),
                view.optional("hostIP").map(ip -> ip.parsed(ExposedPort::parseIp)),
                view.optional("podPort").map(Port::read));
    }

    private static String parseIp(String text) {
        if (!DOTTED_QUAD.matcher(text).matches()) {
            throw new MalformedException("host IP", text, "must be an IPv4 address such as 192.0.2.1");
        }
        return text;
    }

    JsonObject toJson() {
        return JsonObject.builder()
                .put("name", name.value())
                .put("hostPort", hostPort)
                .put("hostIP", hostIp)
                .put("podPort", podPort.map(Port::toJson))
                .build();
    }
}
