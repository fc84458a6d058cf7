package io.aestus.operator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.Isolator;
import io.aestus.appc.Isolators;
import io.aestus.appc.Quantity;
import io.aestus.appc.ResourceIsolator;
import io.aestus.json.JsonReader;
import io.aestus.operator.v1alpha1.AppSpec;
import io.aestus.operator.v1alpha1.IsolatorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Isolators as an AppPod gives them, put over those of an image. */
final class IsolatorLists {
    /** What one kernel facility is set by: only one of its isolators can be there. */
    private static final Pattern SET = Pattern.compile("-(retain|remove)-set$");

    private static final ObjectMapper JSON = new ObjectMapper();

    private IsolatorLists() {}

    /**
     * Reads them by the schema's rules.
     *
     * @throws AestusException {@link Problem#INVALID}
     */
    static Isolators read(String whose, List<IsolatorSpec> specs) {
        try {
            return Isolators.read(JsonReader.read(JSON.writeValueAsBytes(specs), "isolators of " + whose));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write isolators", e);
        }
    }

    /** The short-hand and the list of an app. */
    static Isolators of(AppSpec app) {
        var all = new ArrayList<Isolator>();
        AppSpec.Resources resources = app.resources();
        if (resources != null) {
            bounded(resources, AppSpec.Amounts::cpu, ResourceIsolator.Cpu::new).ifPresent(all::add);
            bounded(resources, AppSpec.Amounts::memory, ResourceIsolator.Memory::new)
                    .ifPresent(all::add);
        }
        all.addAll(read("app " + app.name(), app.isolators()).all());
        return new Isolators(all);
    }

    private static Optional<Isolator> bounded(
            AppSpec.Resources resources,
            Function<AppSpec.Amounts, io.fabric8.kubernetes.api.model.@Nullable Quantity> amount,
            BiFunction<Optional<Quantity>, Optional<Quantity>, Isolator> form) {
        Optional<Quantity> request = quantity(resources.requests(), amount);
        Optional<Quantity> limit = quantity(resources.limits(), amount);
        return request.isEmpty() && limit.isEmpty() ? Optional.empty() : Optional.of(form.apply(request, limit));
    }

    private static Optional<Quantity> quantity(
            AppSpec.@Nullable Amounts amounts,
            Function<AppSpec.Amounts, io.fabric8.kubernetes.api.model.@Nullable Quantity> amount) {
        return Optional.ofNullable(amounts).map(amount).map(text -> Quantity.parse(text.toString()));
    }

    /** {@code base} under {@code stronger}: what sets the same thing is replaced. */
    static Isolators over(Isolators base, Isolators stronger) {
        var replaced = stronger.all().stream().map(IsolatorLists::thing).toList();
        var all = new ArrayList<>(base.all().stream()
                .filter(isolator -> !replaced.contains(thing(isolator)))
                .toList());
        all.addAll(stronger.all());
        return new Isolators(all);
    }

    private static String thing(Isolator isolator) {
        return SET.matcher(isolator.name()).replaceFirst("");
    }
}
