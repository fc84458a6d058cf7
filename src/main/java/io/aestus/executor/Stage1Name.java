package io.aestus.executor;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;

/** Which isolation a pod has, as users ask for it and as its record has it. Immutable. */
public sealed interface Stage1Name {
    /** The built-in one, {@code native}. */
    record Native() implements Stage1Name {
        @Override
        public String toString() {
            return "native";
        }
    }

    /** No isolation but a root and limits of its own, {@code fly}: for node software. */
    record Fly() implements Stage1Name {
        @Override
        public String toString() {
            return "fly";
        }
    }

    /**
     * Reads a name.
     *
     * @throws AestusException {@link Problem#INVALID}
     */
    static Stage1Name parse(String text) {
        return switch (text) {
            case "native" -> new Native();
            case "fly" -> new Fly();
            default ->
                throw new AestusException(
                        Problem.INVALID, "cannot isolate by " + Quoted.of(text) + ": expected native or fly");
        };
    }
}
