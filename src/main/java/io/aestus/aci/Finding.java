package io.aestus.aci;

/**
 * Something that validating an image turned up.
 *
 * @param text one line, without a full stop
 */
public record Finding(Severity severity, String text) {
    /** What it means for the image. */
    public enum Severity {
        /** It cannot be stored or run. */
        ERROR,
        /** It works, but not all of it as its maker may expect. */
        WARNING
    }
}
