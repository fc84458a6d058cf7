package io.aestus.appc;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.json.Json;
import io.aestus.json.JsonNumber;
import io.aestus.json.JsonString;
import io.aestus.json.JsonView;
import io.aestus.json.MalformedException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * An amount of a resource: {@code 500m}, {@code 16Mi}, {@code 1.5G}, {@code 2e3}. Exact; never negative, never above 2^63 − 1,
 * and never finer than a billionth: what is finer is rounded up.
 *
 * <p>{@code K} and {@code k} both mean 1000: the specification writes the first, its code reads only the second, so that is
 * what we write. {@code E} alone means 10^18.
 *
 * @param value the amount, with at most nine decimals
 * @see <a href="https://github.com/appc/spec/blob/v0.8.11/spec/ace.md#resource-isolators">appc: Resource Isolators</a>
 */
public record Quantity(BigDecimal value) implements Comparable<Quantity> {
    private static final int LONGEST = 64;
    private static final int EXPONENT_BOUND = 18;
    private static final int DECIMALS = 9;
    private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE);
    private static final Pattern GRAMMAR = Pattern.compile(
            "([-+]?)([0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:([numkKMGTPE]|[KMGTPE]i)|[eE]([-+]?[0-9]{1,9}))?");

    private static final Map<String, BigDecimal> BINARY = powers(2, 60, 10, "Ei", "Pi", "Ti", "Gi", "Mi", "Ki");
    private static final Map<String, BigDecimal> DECIMAL =
            powers(10, 18, 3, "E", "P", "T", "G", "M", "k", "", "m", "u", "n");

    public Quantity {
        if (value.signum() < 0
                || value.compareTo(MOST) > 0
                || value.stripTrailingZeros().scale() > DECIMALS) {
            throw new IllegalArgumentException("not a quantity: " + value);
        }
        value = value.stripTrailingZeros();
        if (value.scale() < 0) {
            value = value.setScale(0); // one form for equal amounts
        }
    }

    public static Quantity of(long whole) {
        return new Quantity(BigDecimal.valueOf(whole));
    }

    public static Quantity ofMilli(long thousandths) {
        return new Quantity(BigDecimal.valueOf(thousandths, 3));
    }

    /**
     * Reads an amount.
     *
     * @throws AestusException {@link Problem#INVALID} unless {@code text} is an amount within the bounds
     */
    public static Quantity parse(String text) {
        var parts = text.length() > LONGEST ? null : GRAMMAR.matcher(text);
        if (parts == null || !parts.matches()) {
            throw refused(text, "must be a number, then one of n u m k M G T P E, Ki Mi Gi Ti Pi Ei, or an exponent");
        }
        int exponent = parts.group(4) == null ? 0 : Integer.parseInt(parts.group(4));
        if (Math.abs(exponent) > EXPONENT_BOUND) { // before anything is computed with it
            throw refused(text, "must have an exponent from -" + EXPONENT_BOUND + " to " + EXPONENT_BOUND);
        }
        BigDecimal amount = new BigDecimal(parts.group(2))
                .multiply(unit(parts.group(3) == null ? "" : parts.group(3)))
                .scaleByPowerOfTen(exponent);
        if (amount.signum() != 0 && parts.group(1).equals("-")) {
            throw refused(text, "must not be negative");
        }
        if (amount.compareTo(MOST) > 0) {
            throw refused(text, "must not be above " + MOST);
        }
        // A rounded amount can pass the bound only from between two whole numbers below it.
        return new Quantity(amount.setScale(Math.min(DECIMALS, Math.max(amount.scale(), 0)), RoundingMode.CEILING));
    }

    /** Reads a string or a bare number. */
    public static Quantity read(JsonView view) {
        return switch (view.value()) {
            case JsonString _ -> view.parsed(Quantity::parse);
            case JsonNumber(String text) -> view.with(Json.of(text)).parsed(Quantity::parse);
            default -> throw view.failure("must be a quantity such as \"500m\" or \"16Mi\"");
        };
    }

    private static BigDecimal unit(String suffix) {
        BigDecimal binary = BINARY.get(suffix);
        return binary != null ? binary : DECIMAL.getOrDefault(suffix.equals("K") ? "k" : suffix, BigDecimal.ONE);
    }

    private static MalformedException refused(String text, String reason) {
        return new MalformedException("quantity", text, reason);
    }

    private static Map<String, BigDecimal> powers(int base, int highest, int step, String... suffixes) {
        var powers = new LinkedHashMap<String, BigDecimal>();
        int exponent = highest;
        for (String suffix : suffixes) {
            powers.put(
                    suffix,
                    base == 10
                            ? BigDecimal.ONE.scaleByPowerOfTen(exponent)
                            : new BigDecimal(BigInteger.ONE.shiftLeft(exponent)));
            exponent -= step;
        }
        return powers;
    }

    /** The amount in whole units (bytes, cores), rounded up. */
    public long wholeUp() {
        return value.setScale(0, RoundingMode.CEILING).longValueExact();
    }

    /** The amount in thousandths (of a core), rounded up; 2^63 − 1 where there are more. */
    public long milliUp() {
        BigDecimal milli = value.scaleByPowerOfTen(3).setScale(0, RoundingMode.CEILING);
        return milli.min(MOST).longValueExact();
    }

    /** The sum, or 2^63 − 1 where it is more. */
    public Quantity plus(Quantity other) {
        return new Quantity(value.add(other.value).min(MOST));
    }

    public boolean isZero() {
        return value.signum() == 0;
    }

    @Override
    public int compareTo(Quantity other) {
        return value.compareTo(other.value);
    }

    /** As short as it can be written exactly, with a binary unit where that is no longer: {@code 16Mi}, {@code 500m}. */
    @Override
    public String toString() {
        if (isZero()) {
            return "0";
        }
        String shortest = value.scaleByPowerOfTen(DECIMALS).toBigIntegerExact() + "n"; // the finest unit fits always
        for (Map<String, BigDecimal> units : List.of(BINARY, DECIMAL)) {
            for (Map.Entry<String, BigDecimal> unit : units.entrySet()) {
                BigDecimal[] parts = value.divideAndRemainder(unit.getValue());
                String text = parts[0].toBigInteger() + unit.getKey();
                if (parts[1].signum() == 0 && text.length() < shortest.length()) {
                    shortest = text;
                }
            }
        }
        return shortest;
    }
}
