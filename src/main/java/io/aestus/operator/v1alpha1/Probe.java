package io.aestus.operator.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is done again and again to learn something of an app: one of a command, a request or a connection. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
        value = "(has(self.exec) ? 1 : 0) + (has(self.httpGet) ? 1 : 0) + (has(self.tcpSocket) ? 1 : 0) == 1",
        message = "a probe is one of exec, httpGet and tcpSocket")
public record Probe(
        @Size(min = 1, max = 1024)
        @JsonPropertyDescription("A command, run in the app and confined as it is; exit code 0 is success.")
        List<String> exec,

        @JsonPropertyDescription("A request over the pod's own loopback; a status from 200 to 399 is success.")
        @Nullable
        HttpGet httpGet,

        @JsonPropertyDescription("A connection over the pod's own loopback; that it is taken is success.") @Nullable
        TcpSocket tcpSocket,

        @Min(1) @Max(3600) @JsonPropertyDescription("Seconds between two tries; 10 if left out.") @Nullable
        Integer periodSeconds,

        @Min(1) @Max(60) @JsonPropertyDescription("Seconds after which a try has failed; 1 if left out.") @Nullable
        Integer timeoutSeconds,

        @Min(1) @Max(100) @JsonPropertyDescription("Failures in a row that count; 3 if left out.") @Nullable
        Integer failureThreshold) {
    public Probe {
        exec = Lists.of(exec);
    }

    /**
     * Which request is made.
     *
     * @param path begins with a slash; {@code /} if left out
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record HttpGet(
            @Required @JsonPropertyDescription("A port of the app by its name, or a number.")
            IntOrString port,

            @Pattern("^/[!-~]*$") @Size(max = 1024) @JsonPropertyDescription("With its query; / if left out.") @Nullable
            String path) {}

    /** Which connection is made. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record TcpSocket(
            @Required @JsonPropertyDescription("A port of the app by its name, or a number.")
            IntOrString port) {}

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
