package io.aestus.operator;

import io.aestus.operator.v1alpha1.AppPodStatus.Condition;
import io.aestus.operator.v1alpha1.AppPodStatus.Truth;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A condition as it is now, before it is known since when. */
record Step(String type, Truth truth, String reason, String message) {
    static final String RESOLVED = "Resolved";
    static final String VERIFIED = "Verified";
    static final String STARTED = "Started";
    static final String READY = "Ready";

    static Step yes(String type, String reason, String message) {
        return new Step(type, Truth.TRUE, reason, message);
    }

    static Step no(String type, String reason, String message) {
        return new Step(type, Truth.FALSE, reason, message);
    }

    static Step unknown(String type, String reason, String message) {
        return new Step(type, Truth.UNKNOWN, reason, message);
    }

    /** The condition, which keeps its time as long as its status stays. */
    Condition since(List<Condition> before, long generation, Instant now) {
        String time = before.stream()
                .filter(condition -> condition.type().equals(type) && condition.status() == truth)
                .findFirst()
                .flatMap(condition -> Optional.ofNullable(condition.lastTransitionTime()))
                .orElseGet(now::toString);
        return new Condition(type, truth, time, reason, message, generation);
    }
}
