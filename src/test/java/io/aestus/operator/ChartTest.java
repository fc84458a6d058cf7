package io.aestus.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.HostPathVolumeSource;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The chart as the real helm reads it. */
class ChartTest {
    private static final String CHART = "helm/aestus";

    private static Tool.Outcome helm(String... arguments) throws IOException, InterruptedException {
        return Tool.named("helm").run(arguments);
    }

    private static List<HasMetadata> rendered(String... options) throws IOException, InterruptedException {
        var arguments = new ArrayList<>(
                List.of("template", "aestus", CHART, "--namespace", "aestus-system", "--kube-version", "1.34.0"));
        arguments.addAll(List.of(options));
        String yaml = helm(arguments.toArray(String[]::new)).orFail().output();
        Object read = new KubernetesSerialization().unmarshal(yaml);
        return read instanceof Collection<?> many
                ? many.stream().map(HasMetadata.class::cast).toList()
                : List.of((HasMetadata) read);
    }

    private static <T extends HasMetadata> T only(Class<T> type, List<HasMetadata> resources) {
        List<T> found =
                resources.stream().filter(type::isInstance).map(type::cast).toList();
        assertEquals(1, found.size(), type.getSimpleName() + " in " + resources);
        return found.getFirst();
    }

    @Test
    void lint_finds_nothing() throws IOException, InterruptedException {
        String said = helm("lint", "--strict", CHART).orFail().output();
        assertTrue(said.contains("0 chart(s) failed"), said);
    }

    @Test
    void the_image_is_made_from_the_tarball_of_this_version() throws IOException {
        String version = Pattern.compile("\n  <version>(.*)</version>\n")
                .matcher(Files.readString(Path.of("pom.xml")))
                .results()
                .findFirst()
                .orElseThrow()
                .group(1);
        String recipe = Files.readString(Path.of("deploy/Containerfile"));
        assertTrue(recipe.contains("ARG VERSION=" + version + "\n"), recipe);
        assertTrue(recipe.contains("ADD aestus-${VERSION}.tar.gz /opt/\n"), recipe);
        assertTrue(Files.readString(Path.of("scripts/dist")).contains("\"target/$name.tar.gz\""), "the tarball's name");
        assertTrue(
                Files.readString(Path.of(CHART, "Chart.yaml")).contains("\nappVersion: " + version + "\n"),
                "the version that the chart runs");
    }

    @Test
    void the_agent_may_do_what_it_does_and_no_more() throws IOException, InterruptedException {
        List<HasMetadata> resources = rendered();
        Set<String> rights = only(ClusterRole.class, resources).getRules().stream()
                .flatMap(ChartTest::rights)
                .collect(Collectors.toSet());
        assertEquals(
                Set.of(
                        "get aestus.io/apppods",
                        "list aestus.io/apppods",
                        "watch aestus.io/apppods",
                        "patch aestus.io/apppods",
                        "patch aestus.io/apppods/status",
                        "update aestus.io/apppods/finalizers",
                        "create /events",
                        "patch /events",
                        "get /nodes"),
                rights);
        var subject = only(ClusterRoleBinding.class, resources).getSubjects().getFirst();
        assertEquals(
                ControlPlane.AGENT_USER, "system:serviceaccount:" + subject.getNamespace() + ":" + subject.getName());
    }

    private static Stream<String> rights(PolicyRule rule) {
        return rule.getVerbs().stream().flatMap(verb -> rule.getResources().stream()
                .map(resource -> verb + " " + rule.getApiGroups().getFirst() + "/" + resource));
    }

    @Test
    void the_agent_sees_of_its_node_what_it_needs() throws IOException, InterruptedException {
        var pod = only(DaemonSet.class, rendered()).getSpec().getTemplate().getSpec();
        assertTrue(pod.getHostPID());
        assertTrue(pod.getHostNetwork());
        Set<String> paths = pod.getVolumes().stream()
                .map(volume -> volume.getHostPath())
                .filter(Objects::nonNull)
                .map(HostPathVolumeSource::getPath)
                .collect(Collectors.toSet());
        assertEquals(Set.of("/var/lib/aestus", "/run/aestus", "/etc/aestus", "/sys/fs/cgroup"), paths);
        Container agent = pod.getContainers().getFirst();
        assertTrue(agent.getSecurityContext().getPrivileged());
        assertEquals("127.0.0.1", agent.getReadinessProbe().getHttpGet().getHost());
        assertEquals(9470, agent.getReadinessProbe().getHttpGet().getPort().getIntVal());
    }

    @Test
    void directories_for_apps_are_seen_where_they_are() throws IOException, InterruptedException {
        var pod = only(DaemonSet.class, rendered("--set", "hostPaths={/srv/data}"))
                .getSpec()
                .getTemplate()
                .getSpec();
        var volume = pod.getVolumes().stream()
                .filter(each -> each.getHostPath() != null
                        && each.getHostPath().getPath().equals("/srv/data"))
                .findFirst()
                .orElseThrow();
        assertEquals(
                List.of("/srv/data"),
                pod.getContainers().getFirst().getVolumeMounts().stream()
                        .filter(mount -> mount.getName().equals(volume.getName()))
                        .map(mount -> mount.getMountPath())
                        .toList());
    }

    @Test
    void configuration_keys_become_environment() throws IOException, InterruptedException {
        var pod = only(DaemonSet.class, rendered("--set", "config.aestus\\.log\\.format=json"))
                .getSpec()
                .getTemplate()
                .getSpec();
        List<EnvVar> environment = pod.getContainers().getFirst().getEnv();
        assertTrue(
                environment.contains(new EnvVar("AESTUS_LOG_FORMAT", "json", null)),
                () -> "environment: " + environment);
    }

    @Test
    void rbac_and_service_account_can_be_left_to_others() throws IOException, InterruptedException {
        List<HasMetadata> resources = rendered(
                "--set",
                "rbac.create=false,admission.create=false,serviceAccount.create=false,serviceAccount.name=mine");
        assertEquals(
                "mine",
                only(DaemonSet.class, resources)
                        .getSpec()
                        .getTemplate()
                        .getSpec()
                        .getServiceAccountName());
        assertEquals(1, resources.size());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "httpPort=none",
                "paths.data=relative",
                "image.pullPolicy=Sometimes",
                "imagee.tag=1",
                "config.log=json",
                "resources.limits.gpu=1"
            })
    void wrong_values_are_refused_by_the_schema(String value) throws IOException, InterruptedException {
        Tool.Outcome outcome = helm("template", "aestus", CHART, "--kube-version", "1.34.0", "--set", value);
        assertFalse(outcome.code() == 0, outcome.output());
        assertTrue(outcome.output().contains("values don't meet the specifications of the schema"), outcome.output());
    }
}
