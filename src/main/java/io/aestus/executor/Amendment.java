package io.aestus.executor;

import java.util.function.UnaryOperator;

/**
 * What is to be otherwise with a prepared pod than it was prepared with, when it is started.
 *
 * @param pod applied to its options
 * @param apps applied to the options of each app
 */
public record Amendment(UnaryOperator<PodOptions> pod, UnaryOperator<AppOptions> apps) {
    /** Nothing. */
    public static final Amendment NONE = new Amendment(UnaryOperator.identity(), UnaryOperator.identity());
}
