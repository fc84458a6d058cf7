package io.aestus.network;

import io.aestus.json.MalformedException;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/** A version of the CNI specification. */
record CniVersion(int major, int minor, int patch) implements Comparable<CniVersion> {
    /** The first with lists of plugins and results that name interfaces. */
    static final CniVersion V0_3_0 = new CniVersion(0, 3, 0);
    /** CHECK, and the result of ADD given to DEL. */
    static final CniVersion V0_4_0 = new CniVersion(0, 4, 0);

    static final CniVersion V1_0_0 = new CniVersion(1, 0, 0);
    /** GC and STATUS. */
    static final CniVersion V1_1_0 = new CniVersion(1, 1, 0);

    /** What we speak, the lowest first. Their results differ in fields that nobody here reads. */
    static final List<CniVersion> SPOKEN = List.of(V0_3_0, new CniVersion(0, 3, 1), V0_4_0, V1_0_0, V1_1_0);

    private static final Pattern FORM = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})\\.(\\d{1,4})");

    static CniVersion parse(String text) {
        var parts = FORM.matcher(text);
        if (!parts.matches()) {
            throw new MalformedException("CNI version", text, "must be a version such as 1.0.0");
        }
        return new CniVersion(
                Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2)), Integer.parseInt(parts.group(3)));
    }

    boolean isAtLeast(CniVersion other) {
        return compareTo(other) >= 0;
    }

    @Override
    public int compareTo(CniVersion other) {
        return Comparator.comparingInt(CniVersion::major)
                .thenComparingInt(CniVersion::minor)
                .thenComparingInt(CniVersion::patch)
                .compare(this, other);
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch;
    }
}
