package io.aestus.operator.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/**
 * An isolator in the words of the App Container specification.
 *
 * @param name such as {@code os/linux/capabilities-retain-set}
 * @param value whatever the isolator of that name takes
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record IsolatorSpec(
        @Required
        @Pattern("^[a-z0-9]+([-._~/][a-z0-9]+)*$")
        @Size(max = 253)
        @JsonPropertyDescription("The isolator, such as os/linux/capabilities-retain-set.")
        String name,

        @Required @JsonPropertyDescription("The value, in the form that the isolator takes.")
        JsonNode value) {}
