package io.aestus.operator;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.Problem;
import io.aestus.executor.ExitStatus;
import io.aestus.executor.PodState;
import io.aestus.operator.WorkQueue.Next;
import io.aestus.operator.v1alpha1.AppPodStatus;
import io.aestus.operator.v1alpha1.AppPodStatus.Phase;
import io.aestus.operator.v1alpha1.AppPodStatus.Truth;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReconcilerTest extends Reconciled {
    @Test
    void a_new_pod_is_resolved_verified_and_started() {
        node.publish("example.com/web", SIGNER);
        PodKey key = source.apply("shop", WEB);
        assertEquals(Next.DONE, look(key));
        assertEquals(List.of("fetch example.com/web", "run"), node.log());
        AppPodStatus status = source.status(key);
        assertAll(
                () -> assertEquals(Phase.RUNNING, status.phase()),
                () -> assertEquals("Running", status.summary()),
                () -> assertEquals("1/1", status.ready()),
                () -> assertEquals(SIGNER.substring(24), status.signedBy()),
                () -> assertEquals(1L, status.observedGeneration()),
                () -> assertEquals(node.pod().uuid().toString(), status.uuid()),
                () -> assertEquals(List.of(SIGNER), status.apps().getFirst().signedBy()),
                () -> assertEquals(0, status.restarts()));
        for (String type : List.of(Step.RESOLVED, Step.VERIFIED, Step.STARTED, Step.READY)) {
            assertEquals(Truth.TRUE, source.condition(key, type).status(), type);
        }
        assertEquals(List.of(Reasons.POD_STARTED), source.notices());
    }

    @Test
    void looking_again_changes_nothing() {
        PodKey key = running(WEB);
        AppPodStatus before = source.status(key);
        node.advance(Duration.ofMinutes(5));
        assertEquals(Next.DONE, look(key));
        assertEquals(List.of(), node.log());
        assertEquals(before, source.status(key));
    }

    @Test
    void an_untrusted_image_is_not_run_and_tried_again() {
        node.refuse("example.com/web", Problem.UNTRUSTED, "cannot trust example.com/web: no key");
        PodKey key = source.apply("shop", WEB);
        assertEquals(Next.RETRY, look(key));
        assertEquals(List.of("fetch example.com/web"), node.log());
        assertAll(
                () -> assertEquals(Phase.PENDING, source.status(key).phase()),
                () -> assertEquals("ImageUntrusted", source.status(key).summary()),
                () -> assertEquals(
                        Truth.FALSE, source.condition(key, Step.VERIFIED).status()),
                () -> assertEquals(
                        "ImageUntrusted", source.condition(key, Step.VERIFIED).reason()),
                () -> assertEquals(
                        "cannot trust example.com/web: no key",
                        source.condition(key, Step.VERIFIED).message()),
                () -> assertEquals(
                        Truth.FALSE, source.condition(key, Step.READY).status()));
        assertEquals(List.of("ImageUntrusted"), source.notices());
        look(key);
        assertEquals(List.of(), source.notices(), "told twice");
        node.publish("example.com/web", SIGNER);
        assertEquals(Next.DONE, look(key));
        assertEquals(Phase.RUNNING, source.status(key).phase());
    }

    @Test
    void an_unsigned_image_that_was_admitted_is_named() {
        node.publish("example.com/web");
        PodKey key = source.apply("shop", WEB);
        look(key);
        assertEquals(
                Reasons.ADMITTED_UNSIGNED, source.condition(key, Step.VERIFIED).reason());
        assertTrue(source.condition(key, Step.VERIFIED).message().contains("example.com/web"));
    }

    @Test
    void what_only_another_spec_can_mend_is_not_tried_again() {
        node.publish("example.com/web", SIGNER);
        PodKey key = source.apply(
                "shop",
                "{volumes: [{name: v, emptyDir: {sizeLimit: 64Mi}}], apps: [{name: web, image: {name: example.com/web}}]}");
        assertEquals(Next.DONE, look(key));
        assertEquals(List.of(), node.log());
        assertEquals("Unsupported", source.status(key).summary());
        assertEquals(
                "cannot make volume v: on disk it has no limit of its own (leave out sizeLimit, or add medium: Memory)",
                source.condition(key, Step.RESOLVED).message());
    }

    @Test
    void images_of_volumes_are_fetched_and_verified_too() {
        node.publish("example.com/web", SIGNER);
        String spec = "{volumes: [{name: v, image: {source: {name: example.com/models}}}],"
                + " apps: [{name: web, image: {name: example.com/web}}]}";
        PodKey key = source.apply("shop", spec);
        assertEquals(Next.RETRY, look(key));
        assertTrue(source.condition(key, Step.RESOLVED).message().contains("example.com/models"));
        node.publish("example.com/models");
        node.log();
        look(key);
        assertEquals(List.of("fetch example.com/web", "fetch example.com/models", "run"), node.log());
        assertEquals(
                Reasons.ADMITTED_UNSIGNED, source.condition(key, Step.VERIFIED).reason());
        assertTrue(source.condition(key, Step.VERIFIED).message().contains("example.com/models"));
    }

    @Test
    void a_changed_spec_replaces_the_pod() {
        PodKey key = running(WEB);
        var before = node.pod().uuid();
        source.apply("shop", NEWER);
        look(key);
        assertEquals(List.of("fetch example.com/web", "stop within 30 s", "remove", "run"), node.log());
        assertNotEquals(before, node.pod().uuid());
        assertEquals(2L, source.status(key).observedGeneration());
        assertEquals(List.of(Reasons.POD_REPLACED, Reasons.POD_STARTED), source.notices());
    }

    @Test
    void a_changed_spec_whose_image_is_refused_stops_nothing() {
        PodKey key = running(WEB);
        var before = node.pod().uuid();
        node.refuse("example.com/web", Problem.UNAVAILABLE, "cannot reach example.com: no route");
        source.apply("shop", NEWER);
        assertEquals(Next.RETRY, look(key));
        assertEquals(before, node.pod().uuid());
        assertEquals(Phase.RUNNING, source.status(key).phase());
        assertEquals("ImageUnavailable", source.status(key).summary());
        assertEquals("1/1", source.status(key).ready());
    }

    @Test
    void what_runs_is_looked_after_while_a_changed_spec_is_refused() {
        PodKey key = running(WEB);
        node.refuse("example.com/web", Problem.UNAVAILABLE, "cannot reach example.com: no route");
        source.apply("shop", NEWER);
        look(key);
        node.exit("web", ExitStatus.ofCode(1));
        node.restart("web");
        assertEquals(Next.RETRY, look(key));
        assertEquals(1, source.status(key).restarts());
    }

    @Test
    void a_changed_restart_policy_or_grace_replaces_nothing() {
        PodKey key = running(WEB);
        source.apply(
                "shop",
                "{restartPolicy: Never, terminationGracePeriodSeconds: 3, apps: [{name: web, image: {name: example.com/web}}]}");
        look(key);
        assertEquals(List.of("setRestartPolicy web NEVER"), node.log());
        node.exit("web", ExitStatus.ofCode(0));
        look(key);
        assertEquals(List.of("stop within 3 s"), node.log());
    }

    @Test
    void a_spec_that_changes_during_the_fetch_is_not_started() {
        node.publish("example.com/web", SIGNER);
        PodKey key = source.apply("shop", WEB);
        node.duringFetch(() -> source.apply("shop", NEWER));
        assertEquals(Next.DONE, look(key));
        assertEquals(List.of("fetch example.com/web"), node.log());
    }

    @Test
    void a_start_that_fails_leaves_nothing_and_is_tried_again() {
        node.publish("example.com/web", SIGNER);
        node.failStarts(Problem.UNAVAILABLE, "cannot start web: mount proc: EPERM");
        PodKey key = source.apply("shop", WEB);
        assertEquals(Next.RETRY, look(key));
        assertEquals(List.of(), node.list());
        assertEquals(Reasons.START_FAILED, source.condition(key, Step.STARTED).reason());
        assertEquals(Truth.TRUE, source.condition(key, Step.VERIFIED).status());
        node.letStartsPass();
        assertEquals(Next.DONE, look(key));
        assertTrue(node.pod().state() instanceof PodState.Running);
    }

    @Test
    void deletion_stops_and_removes_the_pod_before_the_resource_goes() {
        PodKey key = running("{terminationGracePeriodSeconds: 7, apps: [{name: web, image: {name: example.com/web}}]}");
        source.delete(key);
        assertTrue(source.find(key).isPresent(), "gone before its pod");
        look(key);
        assertEquals(List.of("stop within 7 s", "remove"), node.log());
        assertTrue(source.find(key).isEmpty());
        assertEquals(List.of(Reasons.POD_REMOVED), source.notices());
    }

    @Test
    void a_manifest_that_is_gone_takes_its_pod_with_it() {
        PodKey key = running(WEB);
        source.lose(key);
        look(key);
        assertEquals(List.of("stop within 30 s", "remove"), node.log());
    }

    @Test
    void nothing_is_removed_while_not_all_manifests_are_known() {
        PodKey key = running(WEB);
        source.lose(key);
        source.isComplete(false);
        look(key);
        assertEquals(List.of(), node.log());
    }

    @Test
    void a_resource_of_the_same_name_but_another_identity_gets_a_pod_of_its_own() {
        PodKey key = running(WEB);
        var before = node.pod().uuid();
        source.lose(key);
        source.apply("shop", WEB);
        look(key);
        assertNotEquals(before, node.pod().uuid());
    }

    @Test
    void after_a_reboot_the_pod_is_started_anew() {
        PodKey key = running(WEB);
        node.reboot();
        look(key);
        assertEquals(List.of("fetch example.com/web", "remove", "run"), node.log());
    }

    @Test
    void a_finished_pod_that_was_collected_does_not_run_again() {
        PodKey key = running("{restartPolicy: Never, apps: [{name: web, image: {name: example.com/web}}]}");
        node.exit("web", ExitStatus.ofCode(0));
        look(key);
        node.remove(node.pod().uuid());
        node.log();
        assertEquals(Next.DONE, look(key));
        assertEquals(List.of(), node.log());
        assertEquals(Phase.SUCCEEDED, source.status(key).phase());
        source.apply("shop", NEWER);
        look(key);
        assertEquals(Phase.RUNNING, source.status(key).phase(), "another spec runs");
    }

    @Test
    void pods_of_others_are_left_alone() {
        PodKey key = running(WEB);
        PodKey other = source.apply("other", NEWER);
        look(other);
        assertEquals(2, node.list().size());
        source.delete(other);
        look(other);
        assertEquals(1, node.list().size());
        assertEquals(key, new OwnedPods(node, source.name()).keys().getFirst());
    }

    @Test
    void a_condition_keeps_its_time_as_long_as_its_status() {
        PodKey key = running(WEB);
        String since = source.condition(key, Step.READY).lastTransitionTime();
        String started = source.condition(key, Step.STARTED).lastTransitionTime();
        node.advance(Duration.ofMinutes(1));
        node.exit("web", ExitStatus.ofCode(1));
        look(key);
        assertNotEquals(since, source.condition(key, Step.READY).lastTransitionTime());
        assertEquals(started, source.condition(key, Step.STARTED).lastTransitionTime());
    }
}
