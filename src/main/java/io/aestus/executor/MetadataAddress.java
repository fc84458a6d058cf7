package io.aestus.executor;

import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * Where the apps of a pod find the metadata service. The same as long as the pod runs, whoever looks after it.
 *
 * @param port of 127.0.0.1 in the pod's network
 * @param token what only its apps are told
 */
record MetadataAddress(int port, String token) {
    /** 128 bits, as the specification asks. */
    private static final int TOKEN_BYTES = 16;

    private static final int HIGHEST_PORT = 65535;

    static MetadataAddress at(int port) {
        var token = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(token);
        return new MetadataAddress(port, HexFormat.of().formatHex(token));
    }

    String url() {
        return "http://127.0.0.1:" + port + "/" + token;
    }

    JsonObject toJson() {
        return JsonObject.builder().put("port", port).put("token", token).build();
    }

    static MetadataAddress read(JsonView view) {
        return new MetadataAddress(
                view.required("port").wholeInt(1, HIGHEST_PORT),
                view.required("token").string());
    }

    /** Says nothing of the token: this may be printed. */
    @Override
    public String toString() {
        return "port " + port;
    }
}
