package io.aestus.operator;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.operator.v1alpha1.AppPod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The definition of AppPod as a real API server takes it. */
@Tag("cluster")
@ExtendWith(ControlPlaneExtension.class)
class AppPodClusterTest {
    @BeforeAll
    static void the_definition_is_accepted(ControlPlane plane) throws IOException, InterruptedException {
        plane.kubectl("apply", "--server-side", "-f", AppPodDefinitionTest.FILE.toString())
                .orFail();
        plane.kubectl("wait", "--for=condition=Established", "crd/apppods.aestus.io", "--timeout=30s")
                .orFail();
    }

    private static AppPod read(KubernetesClient client, String yaml) {
        return client.getKubernetesSerialization().unmarshal(yaml, AppPod.class);
    }

    private static AppPod minimal(KubernetesClient client, String name, String node) {
        return read(client, """
                apiVersion: aestus.io/v1alpha1
                kind: AppPod
                metadata: {name: %s, namespace: default}
                spec:
                  nodeName: %s
                  apps:
                  - name: web
                    image: {name: example.com/web}
                """.formatted(name, node));
    }

    @Test
    void defaults_are_filled_in(ControlPlane plane) {
        try (KubernetesClient client = plane.admin()) {
            AppPod created =
                    client.resource(minimal(client, "defaults", "node-a")).create();
            try {
                assertAll(
                        () -> assertEquals(
                                "ALWAYS", String.valueOf(created.getSpec().restartPolicy())),
                        () -> assertEquals(30, created.getSpec().terminationGracePeriodSeconds()),
                        () -> assertEquals(
                                "PRIVATE", String.valueOf(created.getSpec().userNamespace())));
            } finally {
                client.resource(created).delete();
            }
        }
    }

    private record Refused(String what, String spec, String because) {}

    @TestFactory
    Stream<DynamicTest> what_cannot_run_is_refused_by_the_schema(ControlPlane plane) {
        return Stream.of(
                        new Refused("no apps", "{apps: []}", "should have at least 1 items"),
                        new Refused("an app without image", "{apps: [{name: a}]}", "image: Required value"),
                        new Refused(
                                "an image without name and id",
                                "{apps: [{name: a, image: {labels: {v: '1'}}}]}",
                                "an image needs a name, an id or oci"),
                        new Refused(
                                "an OCI image with an id",
                                "{apps: [{name: a, image: {oci: nginx, id: sha512-" + "0".repeat(128) + "}}]}",
                                "a digest fixes it"),
                        new Refused(
                                "a name in capitals", "{apps: [{name: Web, image: {name: a.b/c}}]}", "should match"),
                        new Refused("an ID cut short", "{apps: [{name: a, image: {id: sha512-12}}]}", "should match"),
                        new Refused(
                                "two apps of one name",
                                "{apps: [{name: a, image: {name: b}}, {name: a, image: {name: c}}]}",
                                "Duplicate value"),
                        new Refused(
                                "a mount of no volume",
                                "{apps: [{name: a, image: {name: b}, mounts: [{volume: v, path: /v}]}]}",
                                "every mount names a volume of the pod"),
                        new Refused(
                                "a volume of two kinds",
                                "{volumes: [{name: v, emptyDir: {}, hostPath: {path: /}}], apps: [{name: a, image: {name: b}}]}",
                                "a volume is one of emptyDir, hostPath and image"),
                        new Refused(
                                "a port out of range",
                                "{apps: [{name: a, image: {name: b}, ports: [{name: p, containerPort: 70000}]}]}",
                                "should be less than or equal to 65535"),
                        new Refused(
                                "an unknown restart policy",
                                "{restartPolicy: Sometimes, apps: [{name: a, image: {name: b}}]}",
                                "Unsupported value"))
                .map(refused -> DynamicTest.dynamicTest(refused.what(), () -> {
                    Tool.Outcome outcome = applied(plane, refused.spec());
                    assertNotEquals(0, outcome.code(), outcome.output());
                    assertTrue(outcome.output().contains(refused.because()), outcome.output());
                }));
    }

    private static Tool.Outcome applied(ControlPlane plane, String spec) throws IOException, InterruptedException {
        Path file = Files.createTempFile("apppod", ".yaml");
        try {
            Files.writeString(file, """
                    apiVersion: aestus.io/v1alpha1
                    kind: AppPod
                    metadata: {name: refused, namespace: default}
                    spec: %s
                    """.formatted(spec));
            return plane.kubectl("create", "--dry-run=server", "-f", file.toString());
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void a_node_sees_only_its_own_pods(ControlPlane plane) {
        try (KubernetesClient client = plane.admin()) {
            AppPod here = client.resource(minimal(client, "here", "node-here")).create();
            AppPod there =
                    client.resource(minimal(client, "there", "node-there")).create();
            try {
                List<String> seen = client
                        .resources(AppPod.class)
                        .inAnyNamespace()
                        .withField("spec.nodeName", "node-here")
                        .list()
                        .getItems()
                        .stream()
                        .map(pod -> pod.getMetadata().getName())
                        .toList();
                assertEquals(List.of("here"), seen);
            } finally {
                client.resource(here).delete();
                client.resource(there).delete();
            }
        }
    }

    @Test
    void a_pod_stays_on_its_node(ControlPlane plane) {
        try (KubernetesClient client = plane.admin()) {
            AppPod created = client.resource(minimal(client, "stays", "node-a")).create();
            try {
                AppPod moved = minimal(client, "stays", "node-b");
                moved.getMetadata().setResourceVersion(created.getMetadata().getResourceVersion());
                var refusal = org.junit.jupiter.api.Assertions.assertThrows(
                        KubernetesClientException.class,
                        () -> client.resource(moved).update());
                assertTrue(refusal.getMessage().contains("a pod stays on its node"), refusal.getMessage());
            } finally {
                client.resource(created).delete();
            }
        }
    }

    @Test
    void kubectl_shows_the_columns(ControlPlane plane, @TempDir Path directory)
            throws IOException, InterruptedException {
        Path file = directory.resolve("shown.yaml");
        Files.writeString(file, """
                apiVersion: aestus.io/v1alpha1
                kind: AppPod
                metadata: {name: shown, namespace: default}
                spec:
                  nodeName: node-a
                  apps: [{name: web, image: {name: example.com/web}}]
                """);
        plane.kubectl("create", "-f", file.toString()).orFail();
        try {
            plane.kubectl("patch", "apod", "shown", "--subresource=status", "--type=merge", "-p", """
                    {"status": {"ready": "1/1", "summary": "Running", "restarts": 3, "signedBy": "9F3A0B12"}}""")
                    .orFail();
            String[] lines =
                    plane.kubectl("get", "apppods", "shown").orFail().output().split("\n", -1);
            assertEquals(
                    "NAME READY STATUS RESTARTS NODE SIGNED-BY AGE",
                    lines[0].strip().replaceAll(" +", " "));
            assertTrue(lines[1].replaceAll(" +", " ").startsWith("shown 1/1 Running 3 node-a 9F3A0B12 "), lines[1]);
        } finally {
            plane.kubectl("delete", "apod", "shown", "--wait=false").orFail();
        }
    }

    @Test
    void status_is_a_resource_of_its_own(ControlPlane plane) {
        try (KubernetesClient client = plane.admin()) {
            AppPod pod = minimal(client, "status", "node-a");
            pod.setStatus(new io.aestus.operator.v1alpha1.AppPodStatus(
                    null, "Made up", null, null, null, null, null, null, List.of(), List.of(), List.of()));
            AppPod created = client.resource(pod).create();
            try {
                assertFalse(
                        created.getStatus() != null && created.getStatus().summary() != null,
                        "a status came with the spec");
            } finally {
                client.resource(created).delete();
            }
        }
    }
}
