package io.aestus.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Reasons are API: programs wait for them. A change here is a change for them. */
class ReasonsTest {
    private static final Set<String> PUBLISHED = Set.of(
            "AdmittedUnsigned",
            "AppRestarted",
            "AppStarting",
            "AppsCompleted",
            "AppsFailed",
            "AppsNotReady",
            "AppsNotRunning",
            "AppsRunning",
            "AwaitingConnection",
            "ImageCorrupt",
            "ImageDenied",
            "ImageInvalid",
            "ImageNotFound",
            "ImageUnavailable",
            "ImageUntrusted",
            "ImagesResolved",
            "NodeExhausted",
            "NotStarted",
            "PodRemoved",
            "PodReplaced",
            "PodStarted",
            "Resolving",
            "RestartBackOff",
            "Signed",
            "SpecInvalid",
            "StartFailed",
            "Unsupported");

    @Test
    void no_reason_changes_by_accident() throws IllegalAccessException {
        var declared = new TreeSet<String>();
        for (Field field : Reasons.class.getFields()) {
            declared.add((String) field.get(null));
        }
        assertEquals(new TreeSet<>(PUBLISHED), declared);
    }

    @ParameterizedTest
    @EnumSource(Problem.class)
    void every_problem_leads_to_a_documented_reason(Problem problem) throws IOException {
        String documented = Files.readString(Path.of("docs/apppods.md"));
        var why = new AestusException(problem, "cannot do it: it is a test");
        for (List<Step> steps :
                List.of(Steps.notTranslated(why), Steps.notResolved(why), Steps.notStarted(List.of(), why))) {
            for (Step step : steps) {
                assertTrue(documented.contains("`" + step.reason() + "`"), step.type() + " " + step.reason());
            }
        }
    }
}
