package io.aestus.operator;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aestus.appc.AcName;
import io.aestus.executor.ExitStatus;
import io.aestus.executor.ReadinessProbe;
import io.aestus.executor.ReadinessProbe.Check;
import io.aestus.operator.WorkQueue.Next;
import io.aestus.operator.v1alpha1.AppPodStatus.Phase;
import io.aestus.operator.v1alpha1.AppPodStatus.Truth;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Apps of a pod that runs: their probes, their ends, their further starts. */
class ReconciledAppsTest extends Reconciled {
    @Test
    void an_app_is_ready_when_its_probe_says_so() {
        node.publish("example.com/web", SIGNER);
        node.publish("example.com/log", SIGNER);
        node.answer("web", false);
        PodKey key = source.apply(
                "shop",
                "{apps: [{name: web, image: {name: example.com/web}, readinessProbe: {exec: [/bin/check, now],"
                        + " periodSeconds: 5, failureThreshold: 2}}, {name: log, image: {name: example.com/log}}]}");
        assertEquals(Next.DONE, look(key));
        assertEquals(
                Optional.of(new ReadinessProbe(
                        new Check.Command(List.of("/bin/check", "now")),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(1),
                        2)),
                probe("web"));
        assertEquals(Optional.empty(), probe("log"));
        assertEquals("1/2", source.status(key).ready());
        assertEquals(Reasons.APPS_NOT_READY, source.condition(key, Step.READY).reason());
        assertEquals(
                "the readiness probe does not succeed in web",
                source.condition(key, Step.READY).message());

        node.answer("web", true);
        look(key);
        assertEquals("2/2", source.status(key).ready());
        assertEquals(Truth.TRUE, source.condition(key, Step.READY).status());

        node.answer("web", false);
        look(key);
        assertEquals("1/2", source.status(key).ready());
    }

    private Optional<ReadinessProbe> probe(String app) {
        return node.pod().requireApp(AcName.parse(app)).options().readiness();
    }

    @Test
    void a_probe_names_a_port_of_the_app_or_a_number() {
        PodKey key = running("{apps: [{name: web, image: {name: example.com/web},"
                + " ports: [{name: http, containerPort: 8080}], readinessProbe: {httpGet: {port: http, path: /up}}}]}");
        assertEquals(new Check.Request(8080, "/up"), probe("web").orElseThrow().check());
        source.apply(
                "shop",
                "{apps: [{name: web, image: {name: example.com/web}, ports: [{name: http, containerPort: 8080}],"
                        + " readinessProbe: {tcpSocket: {port: 81}}}]}");
        look(key);
        assertEquals(List.of("setReadiness web Connection[port=81] each 10 s"), node.log());
        source.apply(
                "shop",
                "{apps: [{name: web, image: {name: example.com/web}, ports: [{name: http, containerPort: 8080}],"
                        + " readinessProbe: {httpGet: {port: http}}}]}");
        look(key);
        assertEquals(List.of("setReadiness web Request[port=8080, path=/] each 10 s"), node.log());
    }

    @Test
    void another_probe_replaces_no_pod_and_one_of_a_port_that_it_has_not_changes_nothing() {
        PodKey key = running(WEB);
        source.apply(
                "shop", "{apps: [{name: web, image: {name: example.com/web}, readinessProbe: {exec: [/bin/check]}}]}");
        look(key);
        assertEquals(List.of("setReadiness web Command[words=[/bin/check]] each 10 s"), node.log());
        source.apply(
                "shop",
                "{apps: [{name: web, image: {name: example.com/web}, readinessProbe: {tcpSocket: {port: http}}}]}");
        look(key);
        assertEquals(List.of(), node.log());
        source.apply("shop", WEB);
        look(key);
        assertEquals(List.of("setReadiness web none"), node.log());
    }

    @Test
    void an_app_that_waits_for_its_next_start_is_reported_and_told_of_when_it_runs() {
        PodKey key = running(WEB);
        node.exit("web", ExitStatus.ofCode(1));
        assertEquals(Next.DONE, look(key));
        assertEquals(List.of(), node.log(), "the executor starts it");
        assertAll(
                () -> assertEquals("RestartBackOff", source.status(key).summary()),
                () -> assertEquals("0/1", source.status(key).ready()),
                () -> assertEquals(0, source.status(key).restarts()),
                () -> assertEquals(Phase.RUNNING, source.status(key).phase()),
                () -> assertEquals(
                        1, source.status(key).apps().getFirst().lastExit().exitCode()));
        node.restart("web");
        source.notices();
        look(key);
        assertEquals(1, source.status(key).restarts());
        assertEquals("Running", source.status(key).summary());
        look(key);
        assertEquals(List.of(Reasons.APP_RESTARTED), source.notices());
    }

    @Test
    void on_failure_restarts_only_what_failed() {
        PodKey key = running(
                "{restartPolicy: OnFailure, apps: [{name: web, image: {name: example.com/web}}, {name: log, image: {name: example.com/log}}]}");
        node.exit("web", ExitStatus.ofCode(0));
        node.exit("log", ExitStatus.ofCode(2));
        node.restart("log");
        look(key);
        assertEquals("1/2", source.status(key).ready());
        node.exit("log", ExitStatus.ofCode(0));
        look(key);
        assertEquals(List.of("stop within 30 s"), node.log());
        assertEquals(Phase.SUCCEEDED, source.status(key).phase());
        assertEquals("Completed", source.status(key).summary());
        assertEquals(Reasons.APPS_COMPLETED, source.condition(key, Step.READY).reason());
        look(key);
        assertEquals(List.of(), node.log(), "a finished pod is left alone");
    }

    @Test
    void an_app_may_have_a_policy_of_its_own() {
        PodKey key = running(
                "{restartPolicy: Never, apps: [{name: web, restartPolicy: Always, image: {name: example.com/web}}, {name: log, image: {name: example.com/log}}]}");
        node.exit("web", ExitStatus.ofCode(0));
        node.exit("log", ExitStatus.ofCode(3));
        node.restart("web");
        look(key);
        assertEquals(List.of(), node.log());
        assertEquals(3, source.status(key).apps().get(1).state().exited().exitCode());
    }

    @Test
    void never_reports_the_failure_and_why() {
        PodKey key = running("{restartPolicy: Never, apps: [{name: web, image: {name: example.com/web}}]}");
        node.exit("web", ExitStatus.ofSignal(9).withOutOfMemory(true));
        look(key);
        var exited = source.status(key).apps().getFirst().state().exited();
        assertAll(
                () -> assertEquals(Phase.FAILED, source.status(key).phase()),
                () -> assertEquals(137, exited.exitCode()),
                () -> assertEquals(9, exited.signal()),
                () -> assertEquals("OOMKilled", exited.reason()));
    }
}
