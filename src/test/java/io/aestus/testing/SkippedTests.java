package io.aestus.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/** Writes down what was not run and why, for {@code make test} to print at its end. */
public final class SkippedTests implements TestExecutionListener {
    private static final Path REPORT = Path.of("target", "skipped-tests.txt");

    private final Map<String, String> reasons = Collections.synchronizedMap(new TreeMap<>());

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        reasons.put(nameOf(test), reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
            reasons.put(
                    nameOf(test),
                    result.getThrowable().map(Throwable::getMessage).orElse("aborted"));
        }
    }

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        List<String> lines = reasons.entrySet().stream()
                .map(skipped -> skipped.getKey() + ": " + skipped.getValue())
                .toList();
        try {
            Files.createDirectories(REPORT.getParent());
            Files.write(REPORT, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + REPORT, e);
        }
    }

    private static String nameOf(TestIdentifier test) {
        return test.getLegacyReportingName() + " (" + test.getDisplayName() + ")";
    }
}
