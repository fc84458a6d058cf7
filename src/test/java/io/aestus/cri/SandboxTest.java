package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.PodManifest;
import io.aestus.appc.PodUuid;
import io.aestus.cri.v1.Container;
import io.aestus.cri.v1.ContainerFilter;
import io.aestus.cri.v1.ContainerState;
import io.aestus.cri.v1.ContainerStateValue;
import io.aestus.cri.v1.DNSConfig;
import io.aestus.cri.v1.IDMapping;
import io.aestus.cri.v1.LinuxPodSandboxConfig;
import io.aestus.cri.v1.ListPodSandboxRequest;
import io.aestus.cri.v1.NamespaceMode;
import io.aestus.cri.v1.NamespaceOption;
import io.aestus.cri.v1.PodSandbox;
import io.aestus.cri.v1.PodSandboxConfig;
import io.aestus.cri.v1.PodSandboxFilter;
import io.aestus.cri.v1.PodSandboxState;
import io.aestus.cri.v1.PodSandboxStateValue;
import io.aestus.cri.v1.PodSandboxStatus;
import io.aestus.cri.v1.PortMapping;
import io.aestus.cri.v1.Protocol;
import io.aestus.cri.v1.RemoveContainerRequest;
import io.aestus.cri.v1.RemovePodSandboxRequest;
import io.aestus.cri.v1.RunPodSandboxRequest;
import io.aestus.cri.v1.StatusRequest;
import io.aestus.cri.v1.StopContainerRequest;
import io.aestus.cri.v1.StopPodSandboxRequest;
import io.aestus.cri.v1.UserNamespace;
import io.aestus.executor.PodOptions;
import io.aestus.executor.PodSpec;
import io.aestus.executor.StopOptions;
import io.aestus.json.JsonWriter;
import io.aestus.network.Bandwidth;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Sandboxes, as the kubelet uses them. */
class SandboxTest extends ServedFakes {

    @Test
    void a_sandbox_becomes_a_pod_that_stays_until_it_is_stopped() {
        String id = run(sandbox("web", 3)
                .setDnsConfig(DNSConfig.newBuilder().addServers("10.0.0.10").addOptions("ndots:5")));
        PodOptions options = pods.status(PodUuid.parse(id)).options();
        assertEquals(PodOptions.Life.UNTIL_STOPPED, options.life());
        assertEquals(PodOptions.NetworkMode.HOST, options.network());
        assertEquals(PodOptions.UserNamespace.HOST, options.userNamespace());
        assertEquals(Optional.of("web"), options.hostname());
        assertEquals(Optional.of(Path.of("/var/log/pods/web")), options.logDirectory());
        assertEquals(Optional.of("/kubepods/pod1"), options.cgroupParent());
        assertEquals(
                Optional.of(new PodOptions.Dns(List.of("10.0.0.10"), List.of(), List.of("ndots:5"))), options.dns());
        assertEquals(
                "[{\"name\":\"os/unix/sysctl\",\"value\":{\"net.core.somaxconn\":\"1024\"}}]",
                new String(
                        JsonWriter.compact(pods.status(PodUuid.parse(id))
                                .manifest()
                                .isolators()
                                .toJson()),
                        StandardCharsets.UTF_8));
    }

    @Test
    void a_sandbox_off_the_hosts_network_is_in_the_nodes_network_with_its_ports() {
        String id = run(sandbox("web", 0)
                .setLinux(LinuxPodSandboxConfig.getDefaultInstance())
                .putAnnotations("kubernetes.io/egress-bandwidth", "10M")
                .addPortMappings(PortMapping.newBuilder().setContainerPort(80))
                .addPortMappings(PortMapping.newBuilder()
                        .setProtocol(Protocol.UDP)
                        .setHostIp("127.0.0.1")
                        .setHostPort(5353)
                        .setContainerPort(53)));
        PodOptions options = pods.status(PodUuid.parse(id)).options();
        assertEquals(PodOptions.NetworkMode.POD, options.network());
        var choice = options.connections().networks().getFirst();
        assertEquals("pods", choice.network());
        assertEquals(
                Map.of(
                        "IgnoreUnknown", "1",
                        "K8S_POD_NAMESPACE", "default",
                        "K8S_POD_NAME", "web",
                        "K8S_POD_UID", "uid-web"),
                choice.arguments());
        assertEquals("[127.0.0.1:5353->53/udp]", options.connections().ports().toString());
        assertEquals(
                Optional.of(new Bandwidth(OptionalLong.empty(), OptionalLong.of(10_000_000))),
                options.connections().bandwidth());
    }

    @Test
    void the_network_is_ready_when_nothing_speaks_against_it() throws InterruptedException {
        assertEquals(
                "cannot find network 'pods'",
                client.runtime
                        .status(StatusRequest.getDefaultInstance())
                        .getStatus()
                        .getConditions(1)
                        .getMessage());
        stop();
        serve(FakeNetwork.READY);
        assertTrue(client.runtime
                .status(StatusRequest.getDefaultInstance())
                .getStatus()
                .getConditions(1)
                .getStatus());
    }

    @Test
    void and_comes_back_as_it_was_asked_for() {
        PodSandboxConfig config = sandbox("web", 3).build();
        String id = run(config.toBuilder());
        PodSandboxStatus status = sandboxStatus(id);
        assertEquals(config.getMetadata(), status.getMetadata());
        assertEquals(config.getLabelsMap(), status.getLabelsMap());
        assertEquals(config.getAnnotationsMap(), status.getAnnotationsMap());
        assertEquals("aestus", status.getRuntimeHandler());
        assertEquals(PodSandboxState.SANDBOX_READY, status.getState());
        assertEquals(1_767_225_600_000_000_123L, status.getCreatedAt());
        NamespaceOption namespaces = status.getLinux().getNamespaces().getOptions();
        assertEquals(NamespaceMode.NODE, namespaces.getNetwork());
        assertEquals(NamespaceMode.CONTAINER, namespaces.getPid());
        assertEquals(NamespaceMode.POD, namespaces.getIpc());

        PodSandbox listed = sandboxes(PodSandboxFilter.getDefaultInstance()).getFirst();
        assertEquals(id, listed.getId());
        assertEquals(status.getMetadata(), listed.getMetadata());
        assertEquals(status.getAnnotationsMap(), listed.getAnnotationsMap());
    }

    @Test
    void the_number_of_an_attempt_has_32_bits() {
        int highest = -1; // as Java has it
        PodSandboxConfig config = sandbox("web", highest).build();
        String id = run(config.toBuilder());
        assertEquals(config.getMetadata(), sandboxStatus(id).getMetadata());
        assertEquals(id, run(config.toBuilder()), "it is found again");
        assertEquals(
                List.of(config.getMetadata()),
                client.runtime.listPodSandbox(ListPodSandboxRequest.getDefaultInstance()).getItemsList().stream()
                        .map(PodSandbox::getMetadata)
                        .toList());
    }

    @Test
    void the_users_of_a_sandbox_are_those_that_the_kubelet_picked() {
        var range = IDMapping.newBuilder().setHostId(-65536).setLength(65536);
        var config = sandbox("mapped", 0);
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .getNamespaceOptionsBuilder()
                .setUsernsOptions(UserNamespace.newBuilder()
                        .setMode(NamespaceMode.POD)
                        .addUids(range)
                        .addGids(range));
        String id = run(config);
        assertEquals(
                new PodOptions.UserNamespace.Range(0xFFFF_0000L, 65536),
                pods.status(PodUuid.parse(id)).options().userNamespace());
        assertEquals(
                range.build(),
                sandboxStatus(id)
                        .getLinux()
                        .getNamespaces()
                        .getOptions()
                        .getUsernsOptions()
                        .getUids(0));
    }

    @Test
    void namespaces_are_the_sandboxs_or_the_nodes() {
        var config = sandbox("web", 0);
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .getNamespaceOptionsBuilder()
                .setIpc(NamespaceMode.TARGET);
        refused(
                Status.Code.INVALID_ARGUMENT,
                "cannot run sandbox: field ipc of its namespaces: expected POD or NODE, not TARGET",
                () -> run(config));
        assertEquals(List.of(), pods.list());
    }

    @Test
    void ports_and_addresses_that_are_none_are_refused_by_the_name_of_their_field() {
        var good = PortMapping.newBuilder().setHostPort(8080).setContainerPort(80);
        for (var bad : List.of(
                good.clone().setHostIp("web"),
                good.clone().setHostPort(65_536),
                good.clone().setHostPort(-1),
                good.clone().setContainerPort(0))) {
            var config = sandbox("web", 0)
                    .setLinux(LinuxPodSandboxConfig.getDefaultInstance())
                    .addPortMappings(bad);
            refused(
                    Status.Code.INVALID_ARGUMENT,
                    "cannot run sandbox: field port_mappings: host_ip '" + bad.getHostIp()
                            + "' must be an address or empty, host_port " + bad.getHostPort() + " and container_port "
                            + bad.getContainerPort() + " from 1 to 65535",
                    () -> run(config));
        }
        assertEquals(List.of(), pods.list());
    }

    @Test
    void a_handler_that_there_is_not_is_refused() {
        refused(
                Status.Code.INVALID_ARGUMENT,
                "cannot run sandbox: field runtime_handler: there is no handler 'kata', only aestus",
                () -> client.runtime.runPodSandbox(RunPodSandboxRequest.newBuilder()
                        .setConfig(sandbox("web", 0))
                        .setRuntimeHandler("kata")
                        .build()));
    }

    @Test
    void a_retry_finds_the_sandbox_that_the_first_call_made() {
        String id = run(sandbox("web", 0));
        assertEquals(id, run(sandbox("web", 0)));
        assertNotEquals(id, run(sandbox("web", 1)));
        pods.die(PodUuid.parse(id));
        assertEquals(PodSandboxState.SANDBOX_NOTREADY, sandboxStatus(id).getState());
        refused(
                Status.Code.FAILED_PRECONDITION,
                "cannot run sandbox 'web': attempt 0 has ended, and is still here as " + id,
                () -> run(sandbox("web", 0)));
    }

    @Test
    void a_sandbox_that_another_front_removed_is_made_anew() {
        String id = run(sandbox("web", 0));
        pods.stop(PodUuid.parse(id), StopOptions.NOW);
        pods.remove(PodUuid.parse(id));
        assertNotEquals(id, run(sandbox("web", 0)));
    }

    @Test
    void another_agent_finds_the_sandboxes_of_the_one_before_by_their_names() throws Exception {
        String id = run(sandbox("web", 0));
        stop();
        serve();
        assertEquals(id, run(sandbox("web", 0)));
    }

    @Test
    void a_sandbox_that_does_not_start_leaves_nothing() {
        pods.nextStartFails = Optional.of(
                new AestusException(Problem.EXHAUSTED, "cannot run pod: no space left").withRemedy("aestus gc"));
        refused(
                Status.Code.RESOURCE_EXHAUSTED,
                "cannot run pod: no space left [aestus gc]",
                () -> run(sandbox("web", 0)));
        assertEquals(List.of(), pods.list());
        run(sandbox("web", 0));
    }

    @Test
    void stopping_and_removing_what_is_not_there_is_done_already() {
        for (String id : List.of("", "nothing", PodUuid.random().toString())) {
            client.runtime.stopPodSandbox(
                    StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build());
            client.runtime.removePodSandbox(
                    RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build());
            client.runtime.stopContainer(
                    StopContainerRequest.newBuilder().setContainerId(id).build());
            client.runtime.removeContainer(
                    RemoveContainerRequest.newBuilder().setContainerId(id).build());
        }
        refused(Status.Code.NOT_FOUND, "cannot find sandbox 'nothing': there is none", () -> sandboxStatus("nothing"));
        refused(
                Status.Code.NOT_FOUND,
                "cannot find container 'nothing': there is none",
                () -> containerStatus("nothing"));
    }

    @Test
    void a_removed_sandbox_takes_running_containers_with_it() {
        String id = run(sandbox("web", 0));
        startContainer(create(id, container("app", 0)));
        client.runtime.stopPodSandbox(
                StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build());
        assertEquals(PodSandboxState.SANDBOX_NOTREADY, sandboxStatus(id).getState());
        assertEquals(
                137,
                containerStatus(containers(ContainerFilter.getDefaultInstance())
                                .getFirst()
                                .getId())
                        .getExitCode());
        client.runtime.removePodSandbox(
                RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build());
        assertEquals(List.of(), pods.list());
    }

    @Test
    void pods_of_other_fronts_are_invisible_and_untouchable() {
        PodUuid foreign = pods.run(PodSpec.of(PodManifest.of()));
        assertEquals(List.of(), sandboxes(PodSandboxFilter.getDefaultInstance()));
        client.runtime.removePodSandbox(RemovePodSandboxRequest.newBuilder()
                .setPodSandboxId(foreign.toString())
                .build());
        assertEquals(1, pods.list().size());
    }

    @Test
    void filters_are_all_to_be_met() {
        String first = run(sandbox("one", 0));
        String second = run(sandbox("two", 0));
        pods.die(PodUuid.parse(second));
        var ready = PodSandboxStateValue.newBuilder().setState(PodSandboxState.SANDBOX_READY);
        assertEquals(
                first,
                only(sandboxes(PodSandboxFilter.newBuilder().setState(ready).build()))
                        .getId());
        assertEquals(
                second,
                only(sandboxes(PodSandboxFilter.newBuilder()
                                .putLabelSelector("io.kubernetes.pod.uid", "uid-two")
                                .build()))
                        .getId());
        assertEquals(
                first,
                only(sandboxes(PodSandboxFilter.newBuilder()
                                .setId(first.substring(0, 9))
                                .build()))
                        .getId());
        assertEquals(
                List.of(),
                sandboxes(PodSandboxFilter.newBuilder()
                        .setId(second)
                        .setState(ready)
                        .build()));

        String a = create(first, container("a", 0));
        String b = create(first, container("b", 0));
        startContainer(b);
        assertEquals(
                List.of(a, b),
                containers(ContainerFilter.newBuilder().setPodSandboxId(first).build()).stream()
                        .map(Container::getId)
                        .toList());
        var running = ContainerStateValue.newBuilder().setState(ContainerState.CONTAINER_RUNNING);
        assertEquals(
                b,
                only(containers(ContainerFilter.newBuilder().setState(running).build()))
                        .getId());
        assertEquals(
                a,
                only(containers(ContainerFilter.newBuilder()
                                .setId(a.substring(0, 13))
                                .build()))
                        .getId());
        assertEquals(a, containerStatus(a.substring(0, 13)).getId());
    }
}
