package io.aestus.discovery;

import java.net.URI;

/** One place that claims to have an image, and its signature beside it. */
public record Endpoint(URI image, URI signature) {}
