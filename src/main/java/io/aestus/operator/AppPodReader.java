package io.aestus.operator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.Quoted;
import io.aestus.operator.v1alpha1.AppPod;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * AppPods from YAML or JSON text, as strictly as an API server that refuses unknown fields reads them. Only the schema's
 * patterns are left to {@link Translation}.
 */
final class AppPodReader {
    private static final Pattern RESOURCE_NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");
    private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final String API_VERSION = AppPod.GROUP + "/" + AppPod.VERSION;

    static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private AppPodReader() {}

    /**
     * All AppPods of a text; it may hold several documents.
     *
     * @param what the text, for messages
     * @throws AestusException {@link Problem#INVALID}
     */
    static List<AppPod> read(String text, String what) {
        var pods = new ArrayList<AppPod>();
        try {
            var settings = LoadSettings.builder()
                    .setLabel(what)
                    .setAllowDuplicateKeys(false)
                    .build();
            for (Object document : new Load(settings).loadAllFromString(text)) {
                if (document != null) {
                    pods.add(pod(document, what));
                }
            }
        } catch (YamlEngineException e) {
            throw invalid(what, explain(e), e);
        }
        return pods;
    }

    private static String explain(YamlEngineException e) {
        if (!(e instanceof MarkedYamlEngineException marked)) {
            return firstLine(e.getMessage());
        }
        String where = marked.getProblemMark()
                .map(mark -> "line " + (mark.getLine() + 1) + ", column " + (mark.getColumn() + 1) + ": ")
                .orElse("");
        return where + firstLine(marked.getProblem());
    }

    private static AppPod pod(Object document, String what) {
        if (!(document instanceof Map<?, ?> fields)
                || !API_VERSION.equals(fields.get("apiVersion"))
                || !AppPod.KIND.equals(fields.get("kind"))) {
            throw invalid(what, "it is no " + AppPod.KIND + " of " + API_VERSION, null);
        }
        AppPod pod;
        try {
            pod = JSON.treeToValue(JSON.valueToTree(document), AppPod.class);
        } catch (JsonMappingException e) {
            throw invalid(what, Misfit.explain(e), e);
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw invalid(what, firstLine(e.getMessage()), e);
        }
        String name = pod.getMetadata() == null ? null : pod.getMetadata().getName();
        if (name == null || !RESOURCE_NAME.matcher(name).matches()) {
            throw invalid(what, "metadata.name " + Quoted.of(String.valueOf(name)) + " is no name of a resource", null);
        }
        String namespace = pod.getMetadata().getNamespace();
        if (namespace != null && !NAMESPACE.matcher(namespace).matches()) {
            throw invalid(what, "metadata.namespace " + Quoted.of(namespace) + " is no name of a namespace", null);
        }
        if (pod.getSpec() == null || pod.getSpec().apps().isEmpty()) {
            throw invalid(what, "AppPod " + name + " has no apps", null);
        }
        return pod;
    }

    private static String firstLine(@Nullable String message) {
        return String.valueOf(message).lines().findFirst().orElse("");
    }

    private static AestusException invalid(String what, String why, @Nullable Throwable cause) {
        String message = "cannot read " + what + ": " + why;
        return cause == null
                ? new AestusException(Problem.INVALID, message)
                : new AestusException(Problem.INVALID, message, cause);
    }
}
