package io.aestus.trust;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.appc.AcIdentifier;

/** For which image names a key counts. */
public sealed interface Scope {
    /** Every image of whatever name. */
    record Root() implements Scope {
        @Override
        public boolean covers(AcIdentifier name) {
            return true;
        }

        @Override
        public String toString() {
            return "every image";
        }
    }

    /** This name and all below it, on path elements: {@code example.com/web} covers {@code example.com/web/api}, not {@code …/webmail}. */
    record Prefix(AcIdentifier name) implements Scope {
        /** @throws AestusException {@link Problem#INVALID} if the name has elements that cannot be directories of their own */
        public Prefix {
            if (!hasPlainElements(name)) {
                throw new AestusException(
                        Problem.INVALID,
                        "cannot use prefix " + Quoted.of(name.value()) + ": it has an empty or dotted path element");
            }
        }

        private static boolean hasPlainElements(AcIdentifier name) {
            for (String element : name.value().split("/", -1)) {
                if (!isPlain(element)) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public boolean covers(AcIdentifier image) {
            return name.covers(image);
        }

        @Override
        public String toString() {
            return name.toString();
        }
    }

    /** Whether images of this name are meant. */
    boolean covers(AcIdentifier name);

    /** Names may hold {@code //} and {@code /../}; key stores turn elements into directories and must not follow these. */
    static boolean isPlain(String element) {
        return !element.isEmpty() && !element.startsWith(".");
    }

    /**
     * Reads a prefix as people type it; {@code /*} at the end says what is meant anyway.
     *
     * @throws AestusException {@link Problem#INVALID} for a URL or anything else that is no name
     */
    static Scope parse(String prefix) {
        if (prefix.contains("://")) {
            throw new AestusException(
                            Problem.INVALID,
                            "cannot read prefix " + Quoted.of(prefix)
                                    + ": it is a URL, expected a name such as example.com/web")
                    .withRemedy("leave the scheme out");
        }
        return new Prefix(
                AcIdentifier.parse(prefix.endsWith("/*") ? prefix.substring(0, prefix.length() - 2) : prefix));
    }
}
