package io.aestus.executor;

/**
 * What became of an isolator.
 *
 * @param name such as {@code resource/memory}
 * @param reason one line when it is not wholly enforced, else empty
 */
public record IsolatorReport(String name, Enforcement enforcement, String reason) {
    /** How far an isolator holds. */
    public enum Enforcement {
        ENFORCED,
        PARTLY,
        UNSUPPORTED
    }

    public static IsolatorReport enforced(String name) {
        return new IsolatorReport(name, Enforcement.ENFORCED, "");
    }
}
