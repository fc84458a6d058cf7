package io.aestus.client;

import java.util.List;

/** What a node says about itself. */
public record NodeStatus(List<Condition> conditions) {
    /**
     * One thing that a pod may need.
     *
     * @param type {@code RuntimeReady} or {@code NetworkReady}
     * @param reason one word, empty if met
     * @param message for people, empty if met
     */
    public record Condition(String type, boolean isMet, String reason, String message) {}

    public NodeStatus {
        conditions = List.copyOf(conditions);
    }

    /** Whether every condition is met. */
    public boolean isReady() {
        return conditions.stream().allMatch(Condition::isMet);
    }
}
