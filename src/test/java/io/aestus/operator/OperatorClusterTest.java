package io.aestus.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.Problem;
import io.aestus.executor.PodState;
import io.aestus.operator.v1alpha1.AppPod;
import io.aestus.operator.v1alpha1.AppPodStatus.Phase;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The operator with a real API server, with the rights that the chart gives it. What it runs is pretended. */
@Tag("cluster")
@ExtendWith(ControlPlaneExtension.class)
class OperatorClusterTest {
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final String NODE = "node-operator";

    private final FakeNode node = new FakeNode();
    private KubernetesClient admin;
    private KubernetesClient agent;
    private Operator operator;

    @BeforeAll
    static void install_the_chart(ControlPlane plane) throws IOException, InterruptedException {
        plane.install();
    }

    @AfterAll
    static void uninstall_the_chart(ControlPlane plane) throws IOException, InterruptedException {
        plane.uninstall();
    }

    @BeforeEach
    void start(ControlPlane plane) throws InterruptedException {
        admin = plane.admin();
        agent = plane.agent();
        operator = new Operator(new ClusterSource(agent, NODE), node, node);
        operator.start();
    }

    @AfterEach
    void stop() {
        operator.close();
        agent.close();
        admin.close();
    }

    private Resource<AppPod> create(String name, String onNode, String image) {
        AppPod pod = admin.getKubernetesSerialization().unmarshal("""
                apiVersion: aestus.io/v1alpha1
                kind: AppPod
                metadata: {name: %s, namespace: default}
                spec: {nodeName: %s, apps: [{name: web, image: {name: %s}}]}
                """.formatted(name, onNode, image), AppPod.class);
        admin.resource(pod).create();
        return admin.resources(AppPod.class).inNamespace("default").withName(name);
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + PATIENCE.toSeconds() + " s: " + what);
            }
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }

    private static boolean isRunning(Resource<AppPod> resource) {
        AppPod pod = resource.get();
        return pod.getStatus() != null && pod.getStatus().phase() == Phase.RUNNING;
    }

    private List<String> reasonsOf(String pod) {
        return admin
                .v1()
                .events()
                .inNamespace("default")
                .withField("involvedObject.name", pod)
                .list()
                .getItems()
                .stream()
                .map(Event::getReason)
                .toList();
    }

    @Test
    void a_pod_lives_from_its_creation_to_its_deletion() {
        node.publish("example.com/web", "9F3A0B12C4D5E6F7A8B90123456789ABCDEF0123");
        Resource<AppPod> shop = create("shop", NODE, "example.com/web");
        await("shop runs", () -> isRunning(shop));
        assertEquals(List.of(ClusterSource.FINALIZER), shop.get().getMetadata().getFinalizers());
        assertEquals("1/1", shop.get().getStatus().ready());
        assertEquals(node.pod().uuid().toString(), shop.get().getStatus().uuid());
        await("an event says so", () -> reasonsOf("shop").contains(Reasons.POD_STARTED));
        shop.delete();
        await("shop is gone", () -> shop.get() == null);
        assertEquals(List.of(), node.list());
    }

    @Test
    void a_pod_of_another_node_is_not_touched() {
        node.publish("example.com/web");
        Resource<AppPod> theirs = create("theirs", "node-other", "example.com/web");
        Resource<AppPod> ours = create("ours", NODE, "example.com/web");
        await("ours runs", () -> isRunning(ours));
        assertEquals(1, node.list().size());
        assertTrue(theirs.get().getMetadata().getFinalizers().isEmpty());
        ours.delete();
        theirs.delete();
        await("ours is gone", () -> ours.get() == null);
    }

    @Test
    void an_agent_cannot_change_what_it_is_asked_to_run() {
        create("theirs", "node-other", "example.com/web");
        var pod = agent.resources(AppPod.class).inNamespace("default").withName("theirs");
        try {
            // A policy takes effect a moment after it was made.
            await("the change is refused", () -> {
                try {
                    pod.patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            "{\"spec\": {\"hostname\": \"h%d\"}}".formatted(System.nanoTime()));
                    return false;
                } catch (KubernetesClientException e) {
                    return e.getMessage().contains("an agent does not change the spec of an AppPod");
                }
            });
        } finally {
            admin.resources(AppPod.class)
                    .inNamespace("default")
                    .withName("theirs")
                    .delete();
        }
    }

    @Test
    void a_refused_image_is_reported_and_run_once_it_is_trusted() {
        node.refuse(
                "example.com/web", Problem.UNTRUSTED, "cannot trust example.com/web: no key of its prefix is trusted");
        Resource<AppPod> shop = create("refused", NODE, "example.com/web");
        await(
                "the refusal is reported",
                () -> shop.get().getStatus() != null
                        && Reasons.IMAGE_UNTRUSTED.equals(shop.get().getStatus().summary()));
        await("an event says so", () -> reasonsOf("refused").contains(Reasons.IMAGE_UNTRUSTED));
        node.publish("example.com/web");
        await("it runs", () -> isRunning(shop));
        shop.delete();
        await("it is gone", () -> shop.get() == null);
    }

    @Test
    void the_next_operator_recognises_the_pods_of_the_last() throws InterruptedException {
        node.publish("example.com/web");
        Resource<AppPod> shop = create("kept", NODE, "example.com/web");
        await("it runs", () -> isRunning(shop));
        var uuid = node.pod().uuid();
        operator.close();
        operator = new Operator(new ClusterSource(agent, NODE), node, node);
        operator.start();
        Resource<AppPod> other = create("other", NODE, "example.com/web");
        await("the next one works", () -> isRunning(other));
        assertTrue(node.list().stream()
                .anyMatch(pod -> pod.uuid().equals(uuid) && pod.state() instanceof PodState.Running));
        assertEquals(2, node.list().size());
        shop.delete();
        other.delete();
        await("they are gone", () -> shop.get() == null && other.get() == null);
    }

    @Test
    void a_pod_deleted_while_no_operator_was_there_is_cleaned_up_by_the_next() throws InterruptedException {
        node.publish("example.com/web");
        Resource<AppPod> shop = create("left", NODE, "example.com/web");
        await("it runs", () -> isRunning(shop));
        operator.close();
        shop.delete();
        assertTrue(shop.get() != null, "gone before its pod");
        operator = new Operator(new ClusterSource(agent, NODE), node, node);
        operator.start();
        await("it is gone", () -> shop.get() == null);
        assertEquals(List.of(), node.list());
    }
}
