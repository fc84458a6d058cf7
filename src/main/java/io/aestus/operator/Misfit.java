package io.aestus.operator;

import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import io.aestus.Quoted;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a document has that does not fit its schema, and where, in the words of whoever wrote the document. */
final class Misfit {
    private Misfit() {}

    /** Such as {@code spec.apps[0] has no field 'memory'; it may have exec, image, name}. */
    static String explain(JsonMappingException e) {
        List<JsonMappingException.Reference> path = e.getPath();
        return switch (e) {
            case UnrecognizedPropertyException unknown ->
                named(path.subList(0, path.size() - 1)) + " has no field " + Quoted.of(unknown.getPropertyName())
                        + "; it may have " + known(unknown.getKnownPropertyIds());
            case InvalidFormatException wrong ->
                named(path) + " is " + Quoted.of(String.valueOf(wrong.getValue())) + " and should be "
                        + wanted(wrong.getTargetType());
            case MismatchedInputException wrong -> named(path) + " should be " + wanted(wrong.getTargetType());
            default -> named(path) + ": " + reason(e);
        };
    }

    private static String named(List<JsonMappingException.Reference> path) {
        String name = path.stream()
                .map(step -> step.getFieldName() == null ? "[" + step.getIndex() + "]" : "." + step.getFieldName())
                .collect(Collectors.joining());
        return name.isEmpty() ? "it" : name.substring(1);
    }

    private static String known(@Nullable Collection<Object> fields) {
        return fields == null
                ? "none"
                : fields.stream().map(String::valueOf).sorted().collect(Collectors.joining(", "));
    }

    private static String wanted(@Nullable Class<?> type) {
        if (type == null) {
            return "something else";
        }
        if (type.isEnum()) {
            return "one of "
                    + Arrays.stream(type.getEnumConstants())
                            .map(value -> AppPodReader.JSON.convertValue(value, String.class))
                            .collect(Collectors.joining(", "));
        }
        if (Number.class.isAssignableFrom(type) || (type.isPrimitive() && type != boolean.class)) {
            return "a number";
        }
        if (type == Boolean.class || type == boolean.class) {
            return "true or false";
        }
        if (type == String.class) {
            return "text";
        }
        return Collection.class.isAssignableFrom(type) ? "a list" : "an object with fields";
    }

    /** Of what refused the value, if that was not the parser. */
    private static String reason(JsonMappingException e) {
        String message =
                e.getCause() == null ? e.getOriginalMessage() : e.getCause().getMessage();
        return String.valueOf(message).lines().findFirst().orElse("");
    }
}
