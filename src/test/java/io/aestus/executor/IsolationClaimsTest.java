package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;

/** Each claim of docs/isolation.md is tried by tests that there are. */
class IsolationClaimsTest {
    private static final Pattern CLAIM = Pattern.compile("\\| (\\d+) \\| .+ \\| (`[^|]+`) \\|");
    private static final Pattern TEST = Pattern.compile("`(\\w+)\\.(\\w+)`");

    @Test
    void each_is_tried_by_a_test_that_there_is() throws IOException {
        List<MatchResult> claims = Files.readAllLines(Path.of("docs/isolation.md")).stream()
                .flatMap(line -> CLAIM.matcher(line).results())
                .toList();
        assertTrue(claims.size() >= 51, () -> claims.size() + " claims");
        assertEquals(
                IntStream.rangeClosed(1, claims.size()).boxed().toList(),
                claims.stream().map(claim -> Integer.valueOf(claim.group(1))).toList());
        for (var claim : claims) {
            var tests = TEST.matcher(claim.group(2)).results().toList();
            assertTrue(!tests.isEmpty(), claim::group);
            tests.forEach(test -> assertTrue(isTest(test.group(1), test.group(2)), test::group));
        }
    }

    private static boolean isTest(String type, String name) {
        try {
            Method[] methods = Class.forName("io.aestus.executor." + type).getDeclaredMethods();
            return Arrays.stream(methods)
                    .anyMatch(method ->
                            method.getName().equals(name) && AnnotationSupport.isAnnotated(method, Testable.class));
        } catch (ClassNotFoundException e) {
            return false;
        }
    }
}
