package io.aestus.json;

/** {@code null}; as the value of a field it counts as absent. */
public enum JsonNull implements Json {
    NULL
}
