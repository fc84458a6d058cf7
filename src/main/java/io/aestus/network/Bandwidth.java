package io.aestus.network;

import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;
import java.util.OptionalLong;

/**
 * How much may go through each interface of a pod, in bits per second; nothing is unbounded.
 *
 * @param ingress into the pod
 * @param egress out of it
 */
public record Bandwidth(OptionalLong ingress, OptionalLong egress) {
    /** What may go at once before the rate counts: as much as a second's, within what the kernel takes. */
    private static final long LEAST_BURST = 1_000_000;

    private static final long MOST_BURST = Integer.MAX_VALUE;

    public Bandwidth {
        if (ingress.orElse(1) < 1 || egress.orElse(1) < 1) {
            throw new IllegalArgumentException("not a bandwidth: " + ingress + ", " + egress);
        }
    }

    /** The same in both directions. */
    public static Bandwidth both(long bitsPerSecond) {
        return new Bandwidth(OptionalLong.of(bitsPerSecond), OptionalLong.of(bitsPerSecond));
    }

    /** As plugins are told it, and as it is recorded. */
    JsonObject toJson() {
        var json = JsonObject.builder();
        ingress.ifPresent(rate -> json.put("ingressRate", rate).put("ingressBurst", burst(rate)));
        egress.ifPresent(rate -> json.put("egressRate", rate).put("egressBurst", burst(rate)));
        return json.build();
    }

    private static long burst(long rate) {
        return Math.clamp(rate, LEAST_BURST, MOST_BURST);
    }

    static Bandwidth read(JsonView json) {
        return new Bandwidth(rate(json, "ingressRate"), rate(json, "egressRate"));
    }

    private static OptionalLong rate(JsonView json, String name) {
        return json.optional(name)
                .map(rate -> OptionalLong.of(rate.whole(1, Long.MAX_VALUE)))
                .orElse(OptionalLong.empty());
    }
}
