package io.aestus.json;

/** A string, unescaped. */
public record JsonString(String value) implements Json {}
