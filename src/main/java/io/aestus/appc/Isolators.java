package io.aestus.appc;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.json.Json;
import io.aestus.json.JsonArray;
import io.aestus.json.JsonView;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * How an app or a pod is confined: a list in which no known isolator is there twice and none contradicts another.
 *
 * @param all in their order, unknown ones included
 */
public record Isolators(List<Isolator> all) {
    public static final Isolators NONE = new Isolators(List.of());

    /** @throws AestusException {@link Problem#INVALID} if they contradict each other */
    public Isolators {
        all = List.copyOf(all);
        for (int i = 0; i < all.size(); i++) {
            Optional<String> conflict = conflict(all.subList(0, i), all.get(i));
            if (conflict.isPresent()) {
                throw new AestusException(
                        Problem.INVALID, "cannot isolate by " + all.get(i).name() + ": " + conflict.get());
            }
        }
    }

    public static Isolators of(Isolator... isolators) {
        return new Isolators(List.of(isolators));
    }

    public static Isolators read(JsonView list) {
        var isolators = new ArrayList<Isolator>();
        for (JsonView element : list.elements()) {
            Isolator isolator = IsolatorReader.read(element);
            conflict(isolators, isolator).ifPresent(reason -> {
                throw element.failure(reason);
            });
            isolators.add(isolator);
        }
        return new Isolators(isolators);
    }

    private static Optional<String> conflict(List<Isolator> before, Isolator next) {
        if (next instanceof Isolator.Unknown) {
            return Optional.empty(); // what it means twice, only its executor knows
        }
        var names = new HashSet<String>();
        before.forEach(isolator -> names.add(isolator.name()));
        if (names.contains(next.name())) {
            return Optional.of("must not have " + next.name() + " twice");
        }
        Optional<String> opposite =
                switch (next) {
                    case LinuxIsolator.CapabilitiesRetainSet _ -> Optional.of(LinuxIsolator.CapabilitiesRemoveSet.NAME);
                    case LinuxIsolator.CapabilitiesRemoveSet _ -> Optional.of(LinuxIsolator.CapabilitiesRetainSet.NAME);
                    case LinuxIsolator.SeccompRetainSet _ -> Optional.of(LinuxIsolator.SeccompRemoveSet.NAME);
                    case LinuxIsolator.SeccompRemoveSet _ -> Optional.of(LinuxIsolator.SeccompRetainSet.NAME);
                    default -> Optional.empty();
                };
        return opposite.filter(names::contains).map(other -> "must not have both " + next.name() + " and " + other);
    }

    /** The isolator of this type, if there is one. */
    public <T extends Isolator> Optional<T> find(Class<T> type) {
        return all.stream().filter(type::isInstance).map(type::cast).findFirst();
    }

    /** These isolators, with {@code isolator} in the place of the one of its name, or behind all others. */
    public Isolators with(Isolator isolator) {
        var changed = new ArrayList<>(all);
        for (int i = 0; i < changed.size(); i++) {
            if (changed.get(i).name().equals(isolator.name())) {
                changed.set(i, isolator);
                return new Isolators(changed);
            }
        }
        changed.add(isolator);
        return new Isolators(changed);
    }

    /** Those that nobody here can enforce: to be reported, and refused in strict mode. */
    public List<Isolator.Unknown> unknown() {
        return all.stream()
                .filter(Isolator.Unknown.class::isInstance)
                .map(Isolator.Unknown.class::cast)
                .toList();
    }

    public boolean isEmpty() {
        return all.isEmpty();
    }

    public JsonArray toJson() {
        return Json.array(all, Isolator::toJson);
    }
}
