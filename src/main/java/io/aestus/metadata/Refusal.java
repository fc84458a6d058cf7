package io.aestus.metadata;

import io.aestus.AestusException;
import java.util.List;

/** A request that gets no answer but a status. */
final class Refusal extends Exception {
    private static final long serialVersionUID = 1;

    private final int status;
    private final List<String> allowed;

    /** @param why is shown to the caller */
    Refusal(int status, String why) {
        this(status, why, List.of());
    }

    private Refusal(int status, String why, List<String> allowed) {
        super(why);
        this.status = status;
        this.allowed = List.copyOf(allowed);
    }

    /** A method that is none of those that this place knows. */
    static Refusal method(List<String> allowed) {
        return new Refusal(405, "this is asked by " + String.join(" or ", allowed), allowed);
    }

    static Refusal notFound(String what) {
        return new Refusal(404, "there is no " + what);
    }

    /** What the node could not do. Its reasons are for its administrator. */
    static Refusal of(AestusException failure) {
        return switch (failure.problem()) {
            case NOT_FOUND -> notFound("such thing");
            case UNAVAILABLE, EXHAUSTED -> new Refusal(503, "the node cannot tell now");
            case INVALID, CONFLICT, UNTRUSTED, DENIED, UNSUPPORTED, CORRUPT -> new Refusal(500, "the node cannot tell");
        };
    }

    int status() {
        return status;
    }

    List<String> allowed() {
        return allowed;
    }
}
