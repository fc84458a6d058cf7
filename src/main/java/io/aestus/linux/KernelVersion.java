package io.aestus.linux;

import java.util.regex.Pattern;

/** The version of a kernel, as far as features depend on it. */
public record KernelVersion(int major, int minor) implements Comparable<KernelVersion> {
    private static final Pattern RELEASE = Pattern.compile("(\\d{1,5})\\.(\\d{1,5}).*", Pattern.DOTALL);

    /**
     * Reads what {@code uname -r} prints, whatever distributors append.
     *
     * @throws IllegalArgumentException unless it begins with two numbers
     */
    public static KernelVersion parse(String release) {
        var parts = RELEASE.matcher(release);
        if (!parts.matches()) {
            throw new IllegalArgumentException("not a kernel release: " + release);
        }
        return new KernelVersion(Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2)));
    }

    public boolean isAtLeast(int otherMajor, int otherMinor) {
        return compareTo(new KernelVersion(otherMajor, otherMinor)) >= 0;
    }

    @Override
    public int compareTo(KernelVersion other) {
        return major == other.major ? Integer.compare(minor, other.minor) : Integer.compare(major, other.major);
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
