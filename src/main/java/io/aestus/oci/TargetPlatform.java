package io.aestus.oci;

import io.aestus.AestusException;
import io.aestus.appc.Platform;
import io.aestus.json.JsonView;

/**
 * The machine that an entry of an index is for, in OCI's words.
 *
 * @param variant as in {@code v7}; empty where there is none
 * @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.0/image-index.md">OCI: Image Index</a>
 */
public record TargetPlatform(String os, String architecture, String variant) {
    static TargetPlatform read(JsonView view) {
        return new TargetPlatform(
                view.required("os").string(),
                view.required("architecture").string(),
                view.optional("variant").map(JsonView::string).orElse(""));
    }

    /** The machine that is {@code host}, in OCI's words. */
    static TargetPlatform of(Platform host) {
        return switch (host.arch()) {
            case "i386" -> new TargetPlatform(host.os(), "386", "");
            case "x86_64" -> new TargetPlatform(host.os(), "amd64", "");
            case "aarch64" -> new TargetPlatform(host.os(), "arm64", "");
            case "armv7l" -> new TargetPlatform(host.os(), "arm", "v7");
            case "armv6l" -> new TargetPlatform(host.os(), "arm", "v6");
            default -> new TargetPlatform(host.os(), host.arch(), "");
        };
    }

    /** Whether it is {@code host}: of the variants the one that appc has a word for. */
    boolean fits(Platform host) {
        try {
            return Platform.ofOci(os, architecture, variant).equals(host);
        } catch (AestusException _) {
            return false; // such as the attestations that BuildKit lists for unknown/unknown
        }
    }

    @Override
    public String toString() {
        return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
    }
}
