package io.aestus.appc;

/** One of the {@linkplain Annotations annotations} of an image, an app or a pod. */
public record Annotation(AcIdentifier name, String value) {}
