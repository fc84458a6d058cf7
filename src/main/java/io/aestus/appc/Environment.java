package io.aestus.appc;

import io.aestus.json.JsonArray;
import io.aestus.json.JsonView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The variables an app is started with, beside those the executor adds.
 *
 * @param variables in their order, no name twice
 */
public record Environment(List<EnvironmentVariable> variables) {
    public static final Environment NONE = new Environment(List.of());

    public Environment {
        variables = NamedValues.unique(variables, EnvironmentVariable::name);
    }

    public static Environment read(JsonView list) {
        return new Environment(NamedValues.read(list, EnvironmentVariable::parseName, EnvironmentVariable::new));
    }

    public Optional<String> get(String name) {
        return variables.stream()
                .filter(variable -> variable.name().equals(name))
                .map(EnvironmentVariable::value)
                .findFirst();
    }

    /** This environment with one variable set or replaced, in its place. */
    public Environment with(String name, String value) {
        return under(new Environment(List.of(new EnvironmentVariable(name, value))));
    }

    /** This environment under another: where both have a variable, the other's value counts. */
    public Environment under(Environment stronger) {
        var merged = new ArrayList<EnvironmentVariable>();
        for (EnvironmentVariable variable : variables) {
            String value = stronger.get(variable.name()).orElse(variable.value());
            merged.add(new EnvironmentVariable(variable.name(), value));
        }
        stronger.variables.stream()
                .filter(variable -> get(variable.name()).isEmpty())
                .forEach(merged::add);
        return new Environment(merged);
    }

    public JsonArray toJson() {
        return NamedValues.toJson(variables, EnvironmentVariable::name, EnvironmentVariable::value);
    }
}
