package io.aestus.cri.streaming;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The versions in which streams of a command are spoken; what they say beside the streams differs. */
enum Protocol {
    V1("channel.k8s.io"),
    V2("v2.channel.k8s.io"),
    V3("v3.channel.k8s.io"),
    V4("v4.channel.k8s.io"),
    /** Over WebSocket alone: SPDY's streams can end one by one anyway. */
    V5("v5.channel.k8s.io");

    /** What the newer clients of port-forward speak inside a WebSocket. */
    static final String TUNNEL = "SPDY/3.1+portforward.k8s.io";

    static final String FORWARD = "portforward.k8s.io";
    private static final String BASE64 = "base64.channel.k8s.io";
    private static final String V4_BASE64 = "v4.base64.channel.k8s.io";

    private final String label;

    Protocol(String label) {
        this.label = label;
    }

    String label() {
        return label;
    }

    /** Whether the client tells how large its terminal is. */
    boolean hasResizes() {
        return compareTo(V3) >= 0;
    }

    /** Whether the end is told as an object, not as a text of what went wrong. */
    boolean hasStatusObject() {
        return compareTo(V4) >= 0;
    }

    /**
     * How a WebSocket carries a command.
     *
     * @param isBase64 whether frames are text
     */
    record OverWebSocket(Protocol version, boolean isBase64) {
        /** Of the subprotocol that was agreed on, empty for none. */
        static OverWebSocket of(String subprotocol) {
            return switch (subprotocol) {
                case "v5.channel.k8s.io" -> new OverWebSocket(V5, false);
                case "v4.channel.k8s.io" -> new OverWebSocket(V4, false);
                case V4_BASE64 -> new OverWebSocket(V4, true);
                case BASE64 -> new OverWebSocket(V1, true);
                default -> new OverWebSocket(V1, false);
            };
        }
    }

    /** What a client may choose from for this offer, over WebSocket. */
    static List<String> webSocket(Offer offer) {
        return switch (offer) {
            case Offer.Command _ -> List.of(V5.label, V4.label, V4_BASE64, V1.label, BASE64);
            case Offer.Forward _ -> List.of(TUNNEL, V4.label, V4_BASE64);
        };
    }

    /** What a client may choose from for this offer, over SPDY; the best first. */
    static List<String> spdy(Offer offer) {
        return switch (offer) {
            case Offer.Command _ -> List.of(V4.label, V3.label, V2.label, V1.label);
            case Offer.Forward _ -> List.of(FORWARD);
        };
    }

    /** Of what {@link #spdy} names for commands. */
    static Optional<Protocol> of(String label) {
        return Stream.of(values()).filter(p -> p.label.equals(label)).findFirst();
    }
}
