package io.aestus.operator.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A command that is run in an app again and again to learn something of it.
 *
 * @param exec exit code 0 is success
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Probe(
        @Required
        @Size(min = 1, max = 1024)
        @JsonPropertyDescription("The command, run in the app and confined as it is; exit code 0 is success.")
        List<String> exec,

        @Min(1) @Max(3600) @JsonPropertyDescription("Seconds between two tries; 10 if left out.") @Nullable
        Integer periodSeconds,

        @Min(1) @Max(60) @JsonPropertyDescription("Seconds after which a try has failed; 1 if left out.") @Nullable
        Integer timeoutSeconds,

        @Min(1) @Max(100) @JsonPropertyDescription("Failures in a row that count; 3 if left out.") @Nullable
        Integer failureThreshold) {
    public Probe {
        exec = Lists.of(exec);
    }

    /** Between two tries. */
    @JsonIgnore
    public Duration period() {
        return Duration.ofSeconds(periodSeconds == null ? 10 : periodSeconds);
    }

    /** For one try. */
    @JsonIgnore
    public Duration timeout() {
        return Duration.ofSeconds(timeoutSeconds == null ? 1 : timeoutSeconds);
    }

    /** Failures in a row that count. */
    @JsonIgnore
    public int threshold() {
        return failureThreshold == null ? 3 : failureThreshold;
    }
}
