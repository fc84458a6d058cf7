package io.aestus.json;

/** {@code true} or {@code false}. */
public record JsonBool(boolean value) implements Json {}
