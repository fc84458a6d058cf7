package io.aestus.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class AppPodReaderTest {
    private record Refused(String what, String text, String because) {}

    @TestFactory
    Stream<DynamicTest> what_is_no_app_pod_is_refused_with_the_reason() {
        String head = "{apiVersion: aestus.io/v1alpha1, kind: AppPod, ";
        return Stream.of(
                        new Refused("a Pod of Kubernetes", "{apiVersion: v1, kind: Pod}", "it is no AppPod of"),
                        new Refused("a list", "[1, 2]", "it is no AppPod of"),
                        new Refused(
                                "another version",
                                "{apiVersion: aestus.io/v9, kind: AppPod}",
                                "it is no AppPod of aestus.io/v1alpha1"),
                        new Refused(
                                "no name",
                                head + "spec: {apps: [{name: a, image: {name: b}}]}}",
                                "no name of a resource"),
                        new Refused(
                                "a name that is a path",
                                head
                                        + "metadata: {name: ../../etc/passwd}, spec: {apps: [{name: a, image: {name: b}}]}}",
                                "no name of a resource"),
                        new Refused(
                                "a namespace that is a path",
                                head
                                        + "metadata: {name: a, namespace: ../../etc}, spec: {apps: [{name: a, image: {name: b}}]}}",
                                "metadata.namespace '../../etc' is no name of a namespace"),
                        new Refused("no apps", head + "metadata: {name: a}, spec: {}}", "has no apps"),
                        new Refused(
                                "a field that nobody knows",
                                head + "metadata: {name: a}, spec: {aps: []}}",
                                "cannot read test.yaml: spec has no field 'aps'; it may have annotations, apps, "),
                        new Refused(
                                "one deep inside",
                                head + "metadata: {name: a}, spec: {apps: [{name: b}, {ports: [{port: 1}]}]}}",
                                ": spec.apps[1].ports[0] has no field 'port'; it may have containerPort, hostPort,"),
                        new Refused(
                                "a word for a number",
                                head + "metadata: {name: a}, spec: {terminationGracePeriodSeconds: soon, apps: []}}",
                                ": spec.terminationGracePeriodSeconds is 'soon' and should be a number"),
                        new Refused(
                                "a word for one of some others",
                                head + "metadata: {name: a}, spec: {restartPolicy: Sometimes, apps: []}}",
                                ": spec.restartPolicy is 'Sometimes' and should be one of Always, OnFailure, Never"),
                        new Refused(
                                "text for a list",
                                head + "metadata: {name: a}, spec: {apps: [{exec: 'ls -l'}]}}",
                                ": spec.apps[0].exec should be a list"),
                        new Refused(
                                "a list for text",
                                head + "metadata: {name: a}, spec: {apps: [{name: [b]}]}}",
                                ": spec.apps[0].name should be text"),
                        new Refused(
                                "text for fields",
                                head + "metadata: {name: a}, spec: web}",
                                ": spec should be an object with fields"),
                        new Refused(
                                "a key twice",
                                head + "metadata: {name: a}, metadata: {name: b}}",
                                "found duplicate key metadata"),
                        new Refused("broken YAML", "kind: {\n", "line 2, column 1: "),
                        new Refused("a bomb", bomb(), "aliases"))
                .map(refused -> DynamicTest.dynamicTest(refused.what(), () -> {
                    var refusal =
                            assertThrows(AestusException.class, () -> AppPodReader.read(refused.text(), "test.yaml"));
                    assertEquals(Problem.INVALID, refusal.problem());
                    assertTrue(refusal.message().contains(refused.because()), refusal.message());
                }));
    }

    private static String bomb() {
        var text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 10; i++) {
            String before = "*a" + (i - 1);
            text.append("a%d: &a%d [%s]\n".formatted(i, i, (before + ", ").repeat(9) + before));
        }
        return text.toString();
    }
}
