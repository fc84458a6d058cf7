package io.aestus.linux;

import java.util.Optional;

/**
 * How long the processes of a cgroup waited for a resource that others held.
 *
 * @param some while at least one waited
 * @param full while all did, so that nothing was done at all
 * @see <a href="https://docs.kernel.org/accounting/psi.html">Linux: pressure stall information</a>
 */
public record PressureStall(Share some, Share full) {
    private static final Share NONE = new Share(0, 0, 0, 0);

    /**
     * A share of time.
     *
     * @param percent10 of the last ten seconds
     * @param percent60 of the last minute
     * @param percent300 of the last five minutes
     * @param totalMicros since the cgroup was made
     */
    public record Share(double percent10, double percent60, double percent300, long totalMicros) {}

    /** Of a {@code .pressure} file: a line for each; older kernels have none of {@code full} for processors. Empty of an empty text. */
    static Optional<PressureStall> parse(String text) {
        Share some = NONE;
        Share full = NONE;
        for (String line : text.lines().toList()) {
            if (line.startsWith("some ")) {
                some = share(line);
            } else if (line.startsWith("full ")) {
                full = share(line);
            }
        }
        return text.isBlank() ? Optional.empty() : Optional.of(new PressureStall(some, full));
    }

    private static Share share(String line) {
        double[] percents = new double[3];
        long total = 0;
        for (String word : CgroupLayout.words(line)) {
            String value = word.substring(word.indexOf('=') + 1);
            switch (word.substring(0, Math.max(0, word.indexOf('=')))) {
                case "avg10" -> percents[0] = Double.parseDouble(value);
                case "avg60" -> percents[1] = Double.parseDouble(value);
                case "avg300" -> percents[2] = Double.parseDouble(value);
                case "total" -> total = CgroupDirectory.parse(value);
                default -> {} // what a later kernel adds
            }
        }
        return new Share(percents[0], percents[1], percents[2], total);
    }
}
