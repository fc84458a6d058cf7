package io.aestus.executor;

import java.util.List;

/**
 * As whom the programs of an app run, by numbers in its pod.
 *
 * @param groups all of them, the primary one too
 */
public record AppUser(long user, long group, List<Long> groups) {
    public AppUser {
        groups = List.copyOf(groups);
    }
}
