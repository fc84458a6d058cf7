package io.aestus.appc;

/** One {@linkplain Labels label} of an image. */
public record Label(AcIdentifier name, String value) {
    /** A label with one of the well-known names. */
    public static Label of(String name, String value) {
        return new Label(new AcIdentifier(name), value);
    }
}
