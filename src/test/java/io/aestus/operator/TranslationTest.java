package io.aestus.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.appc.AbsolutePath;
import io.aestus.appc.AcIdentifier;
import io.aestus.appc.AcName;
import io.aestus.appc.App;
import io.aestus.appc.Environment;
import io.aestus.appc.ImageId;
import io.aestus.appc.ImageManifest;
import io.aestus.appc.Isolators;
import io.aestus.appc.LinuxIsolator;
import io.aestus.appc.MountPoint;
import io.aestus.appc.Quantity;
import io.aestus.appc.ResourceIsolator;
import io.aestus.appc.RuntimeApp;
import io.aestus.appc.Volume;
import io.aestus.executor.AppOptions;
import io.aestus.executor.PodOptions;
import io.aestus.executor.PodSpec;
import io.aestus.executor.Stage1Name;
import io.aestus.network.Connections;
import io.aestus.network.NetworkChoice;
import io.aestus.network.PortMapping;
import io.aestus.operator.v1alpha1.AppPod;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class TranslationTest {
    private static final App FROM_IMAGE = App.running(List.of("/bin/web"))
            .user("100")
            .environment(Environment.NONE.with("A", "image").with("B", "image"))
            .isolators(Isolators.of(
                    new LinuxIsolator.CapabilitiesRetainSet(List.of("CAP_KILL")),
                    ResourceIsolator.Memory.limit(Quantity.parse("32Mi"))))
            .mountPoints(List.of(new MountPoint(AcName.parse("data"), AbsolutePath.parse("/data"), false)))
            .build();
    private static final NodePods.Image IMAGE = new NodePods.Image(
            new ImageId("a".repeat(128)),
            ImageManifest.named(AcIdentifier.parse("example.com/web")).withApp(FROM_IMAGE),
            List.of());

    private static final NodePods.Image MODELS = new NodePods.Image(
            new ImageId("b".repeat(128)), ImageManifest.named(AcIdentifier.parse("example.com/models")), List.of());

    private static PodSpec translated(String spec) {
        AppPod pod = AppPodReader.read(
                        "{apiVersion: aestus.io/v1alpha1, kind: AppPod, metadata: {name: shop.front}, spec: " + spec
                                + "}",
                        "test")
                .getFirst();
        return Translation.toPod(pod, Map.of("web", IMAGE), Map.of("models", MODELS), Map.of("key", "value"));
    }

    @Test
    void a_pod_may_ask_how_it_is_isolated_and_one_that_flies_has_what_is_the_hosts() {
        String apps = "apps: [{name: web, image: {name: example.com/web}}]";
        assertEquals(Optional.empty(), translated("{" + apps + "}").stage1());
        PodSpec fly = translated("{stage1: fly, " + apps + "}");
        assertEquals(Optional.of(new Stage1Name.Fly()), fly.stage1());
        assertEquals(PodOptions.NetworkMode.HOST, fly.options().network());
        assertEquals(PodOptions.Sharing.HOST, fly.options().ipc());
        assertEquals(
                AppOptions.Processes.HOST, fly.apps().get(AcName.parse("web")).processes());
        assertThrows(AestusException.class, () -> translated("{stage1: kvm, " + apps + "}"));
    }

    @Test
    void an_isolation_that_the_node_does_not_allow_is_denied() {
        PodSpec fly = translated("{stage1: fly, apps: [{name: web, image: {name: example.com/web}}]}");
        Set<Stage1Name> usual = Set.of(new Stage1Name.Native());
        var denied = assertThrows(AestusException.class, () -> ExecutorPods.requireAllowed(fly, usual));
        assertEquals(Problem.DENIED, denied.problem());
        ExecutorPods.requireAllowed(fly, Set.of(new Stage1Name.Fly()));
        ExecutorPods.requireAllowed(fly.withStage1(Optional.empty()), Set.of());
    }

    private static PodSpec withApp(String fields) {
        return translated("{apps: [{name: web, image: {name: example.com/web}" + fields + "}]}");
    }

    private static RuntimeApp app(PodSpec spec) {
        return spec.manifest().apps().getFirst();
    }

    private static App changed(String fields) {
        return app(withApp(fields)).app().orElseThrow();
    }

    @Test
    void a_volume_can_be_the_files_of_an_image() {
        PodSpec spec = translated("""
                {volumes: [{name: models, image: {source: {oci: 'example.com/models:1'}, subPath: weights}}],
                 apps: [{name: web, image: {name: example.com/web}, mounts: [{volume: models, path: /models}]}]}
                """);
        assertEquals(
                List.of(new Volume.Image(AcName.parse("models"), MODELS.id(), "weights")),
                spec.manifest().volumes());
        assertEquals(1, app(spec).mounts().size());
    }

    @Test
    void an_image_is_named_in_one_way() {
        assertEquals(
                1,
                translated("{apps: [{name: web, image: {oci: 'nginx:1.27'}}]}")
                        .manifest()
                        .apps()
                        .size());
        String id = "sha512-" + "0".repeat(128);
        for (String image : List.of(
                "{oci: nginx, id: " + id + "}",
                "{oci: nginx, name: example.com/web}",
                "{oci: nginx, labels: {version: '1'}}",
                "{oci: 'Nginx:1'}",
                "{labels: {version: '1'}}")) {
            var refused = assertThrows(
                    AestusException.class, () -> translated("{apps: [{name: web, image: " + image + "}]}"), image);
            assertEquals(Problem.INVALID, refused.problem(), image);
        }
    }

    @Test
    void what_is_not_overridden_is_left_to_the_image() {
        PodSpec spec = withApp("");
        assertEquals(Optional.empty(), app(spec).app());
        assertEquals(Optional.of(IMAGE.id()), app(spec).image().id());
        assertEquals("shop-front", spec.options().hostname().orElseThrow());
        assertEquals(PodOptions.NetworkMode.NONE, spec.options().network());
        assertEquals(PodOptions.UserNamespace.PRIVATE, spec.options().userNamespace());
        assertEquals(PodOptions.Strictness.LENIENT, spec.options().strictness());
        assertEquals(PodOptions.Life.UNTIL_STOPPED, spec.options().life());
        assertEquals(Map.of("key", "value"), spec.options().labels());
    }

    @Test
    void a_whole_app_comes_out_as_the_schema_writes_it() {
        PodSpec spec = translated("""
                {strict: true, userNamespace: Host, network: {mode: Host}, hostname: h,
                 dns: {nameservers: [192.0.2.1], searches: [a.test], options: ['ndots:2']},
                 isolators: [{name: resource/cpu, value: {limit: '1'}}],
                 volumes: [{name: data, emptyDir: {}}, {name: etc, hostPath: {path: /srv/etc, readOnly: true}}],
                 annotations: {example.com/a: b}, userAnnotations: {c: d}, userLabels: {e: f},
                 apps: [{name: web, image: {name: example.com/web}, exec: [/bin/other, -v], user: '7', group: '8',
                   supplementaryGroups: [9], workingDirectory: /srv, environment: [{name: B, value: pod}, {name: C, value: pod}],
                   ports: [{name: http, containerPort: 80, hostPort: 80, socketActivated: true}],
                   mounts: [{volume: data, path: /data, readOnly: true}],
                   resources: {requests: {cpu: 100m}, limits: {memory: 64Mi}}, readOnlyRootFilesystem: true,
                   isolators: [{name: os/linux/capabilities-remove-set, value: {set: [CAP_CHOWN]}}],
                   eventHandlers: [{name: pre-start, exec: [/bin/migrate]}], eventHandlerTimeoutSeconds: 90}]}
                """);
        assertEquals(
                """
                {"acVersion":"0.8.11","acKind":"PodManifest","apps":[{"name":"web","image":{"id":"sha512-%s","name":"example.com/web"},\
                "app":{"exec":["/bin/other","-v"],"user":"7","group":"8","supplementaryGIDs":[9],\
                "eventHandlers":[{"name":"pre-start","exec":["/bin/migrate"]}],"workingDirectory":"/srv",\
                "environment":[{"name":"A","value":"image"},{"name":"B","value":"pod"},{"name":"C","value":"pod"}],\
                "mountPoints":[{"name":"data","path":"/data","readOnly":true}],\
                "ports":[{"name":"http","protocol":"tcp","port":80,"socketActivated":true}],\
                "isolators":[{"name":"resource/cpu","value":{"request":"100m"}},\
                {"name":"resource/memory","value":{"limit":"64Mi"}},\
                {"name":"os/linux/capabilities-remove-set","value":{"set":["CAP_CHOWN"]}}]},\
                "readOnlyRootFS":true,"mounts":[{"volume":"data","path":"/data"}],\
                "annotations":[{"name":"aestus.io/event-handler-timeout","value":"90s"}]}],\
                "volumes":[{"name":"data","kind":"empty"},{"name":"etc","kind":"host","source":"/srv/etc","readOnly":true}],\
                "isolators":[{"name":"resource/cpu","value":{"limit":"1"}}],\
                "annotations":[{"name":"example.com/a","value":"b"}],"userAnnotations":{"c":"d"},"userLabels":{"e":"f"}}""".formatted("a".repeat(128)), new String(spec.manifest().toBytes(), StandardCharsets.UTF_8).strip());
        assertEquals(PodOptions.Strictness.STRICT, spec.options().strictness());
        assertEquals(PodOptions.UserNamespace.HOST, spec.options().userNamespace());
        assertEquals(PodOptions.NetworkMode.HOST, spec.options().network());
        assertEquals(List.of("192.0.2.1"), spec.options().dns().orElseThrow().nameservers());
    }

    @Test
    void an_isolator_replaces_the_one_that_sets_the_same_thing() {
        App app = changed(", isolators: [{name: os/linux/capabilities-remove-set, value: {set: [CAP_CHOWN]}}]");
        assertEquals(
                List.of("resource/memory", "os/linux/capabilities-remove-set"),
                app.isolators().all().stream().map(isolator -> isolator.name()).toList());
    }

    @Test
    void the_whole_node_may_see_itself_under_its_own_name() {
        PodSpec spec = translated("{network: {mode: Host}, apps: [{name: web, image: {name: example.com/web}}]}");
        assertEquals(Optional.empty(), spec.options().hostname());
    }

    @Test
    void a_pod_in_networks_has_ports_of_the_host_lead_to_its_own() {
        PodSpec spec = translated("""
                {network: {mode: Pod, networks: [{name: default}, {name: backend}]}, apps: [
                  {name: web, image: {name: example.com/web}, ports: [
                    {name: http, containerPort: 8080, hostPort: 80},
                    {name: in, containerPort: 514, hostPort: 514, protocol: UDP},
                    {name: own, containerPort: 9000}]}]}""");
        assertEquals(PodOptions.NetworkMode.POD, spec.options().network());
        assertEquals(
                new Connections(
                        NetworkChoice.parseAll("default,backend"),
                        List.of(
                                new PortMapping(Optional.empty(), 80, 8080, PortMapping.Protocol.TCP),
                                new PortMapping(Optional.empty(), 514, 514, PortMapping.Protocol.UDP))),
                spec.options().connections());
    }

    private record Refused(String what, String spec, Problem problem, String message) {}

    @TestFactory
    Stream<DynamicTest> what_the_schema_forbids_is_refused_whatever_the_api_server_let_through() {
        String web = "{name: web, image: {name: example.com/web}";
        return Stream.of(
                        new Refused(
                                "one network twice",
                                "{network: {mode: Pod, networks: [{name: a}, {name: a}]}, apps: [" + web + "}]}",
                                Problem.INVALID,
                                "network a twice"),
                        new Refused(
                                "one host port for two apps",
                                "{network: {mode: Pod}, apps: [" + web
                                        + ", ports: [{name: p, containerPort: 80, hostPort: 80},"
                                        + " {name: q, containerPort: 81, hostPort: 80}]}]}",
                                Problem.INVALID,
                                "cannot map host port 80 twice"),
                        new Refused(
                                "another port on the host's own network",
                                "{network: {mode: Host}, apps: [" + web
                                        + ", ports: [{name: p, containerPort: 80, hostPort: 81}]}]}",
                                Problem.INVALID,
                                "they are the same"),
                        new Refused(
                                "a limit of a volume on disk",
                                "{volumes: [{name: v, emptyDir: {sizeLimit: 1Gi}}], apps: [" + web + "}]}",
                                Problem.UNSUPPORTED,
                                "cannot make volume v"),
                        new Refused(
                                "a volume of no kind",
                                "{volumes: [{name: v}], apps: [" + web + "}]}",
                                Problem.INVALID,
                                "not exactly one of emptyDir, hostPath and image"),
                        new Refused(
                                "a volume of two kinds",
                                "{volumes: [{name: v, emptyDir: {}, image: {source: {oci: models}}}], apps: [" + web
                                        + "}]}",
                                Problem.INVALID,
                                "not exactly one of emptyDir, hostPath and image"),
                        new Refused(
                                "an image of a volume that is named in no way",
                                "{volumes: [{name: v, image: {source: {}}}], apps: [" + web + "}]}",
                                Problem.INVALID,
                                "cannot find the image of volume v: it needs a name, an id or oci"),
                        new Refused(
                                "a path that leaves the image",
                                "{volumes: [{name: v, image: {source: {oci: models}, subPath: a/../b}}], apps: [" + web
                                        + "}]}",
                                Problem.INVALID,
                                "must not go up by .."),
                        new Refused(
                                "a host port without a network",
                                "{apps: [" + web + ", ports: [{name: p, containerPort: 80, hostPort: 80}]}]}",
                                Problem.INVALID,
                                "the pod is in no network"),
                        new Refused(
                                "a probe without a command",
                                "{apps: [" + web + ", readinessProbe: {exec: []}}]}",
                                Problem.INVALID,
                                "it is not exactly one of exec, httpGet and tcpSocket"),
                        new Refused(
                                "a probe of two ways",
                                "{apps: [" + web + ", readinessProbe: {exec: [/x], tcpSocket: {port: 80}}}]}",
                                Problem.INVALID,
                                "it is not exactly one of exec, httpGet and tcpSocket"),
                        new Refused(
                                "a probe of a port that none can be",
                                "{apps: [" + web + ", readinessProbe: {tcpSocket: {port: 70000}}}]}",
                                Problem.INVALID,
                                "its port is neither a name nor a number from 1 to 65535"),
                        new Refused(
                                "a probe of a port that the app has not",
                                "{apps: [" + web + ", readinessProbe: {httpGet: {port: http}}}]}",
                                Problem.INVALID,
                                "the app has no port 'http'"),
                        new Refused(
                                "a probe whose path smuggles a header in",
                                "{apps: [" + web + ", readinessProbe: {httpGet: {port: 80, path: \"/x\\r\\nY: z\"}}}]}",
                                Problem.INVALID,
                                "is no path of a request"),
                        new Refused(
                                "a probe without a pause",
                                "{apps: [" + web + ", readinessProbe: {exec: [/x], periodSeconds: 0}}]}",
                                Problem.INVALID,
                                "at least 1"),
                        new Refused(
                                "a probe that may take for ever",
                                "{apps: [" + web + ", readinessProbe: {exec: [/x], timeoutSeconds: 600}}]}",
                                Problem.INVALID,
                                "from 1 to 60 seconds"),
                        new Refused(
                                "two apps of one name",
                                "{apps: [" + web + "}, " + web + "}]}",
                                Problem.INVALID,
                                "one name"),
                        new Refused(
                                "a user with a line break",
                                "{apps: [" + web + ", user: \"a\\nb\"}]}",
                                Problem.INVALID,
                                "user or group"),
                        new Refused(
                                "a path upwards",
                                "{apps: [" + web + ", workingDirectory: /a/../../b}]}",
                                Problem.INVALID,
                                "/a/../../b"),
                        new Refused(
                                "more requested than allowed",
                                "{apps: [" + web + ", resources: {requests: {memory: 2Gi}, limits: {memory: 1Gi}}}]}",
                                Problem.INVALID,
                                "must not request more than its limit"),
                        new Refused(
                                "an isolator without a proper value",
                                "{apps: [" + web + ", isolators: [{name: resource/memory, value: 7}]}]}",
                                Problem.INVALID,
                                "isolators of app web"))
                .map(refused -> DynamicTest.dynamicTest(refused.what(), () -> {
                    var refusal = assertThrows(AestusException.class, () -> translated(refused.spec()));
                    assertEquals(refused.problem(), refusal.problem(), refusal.message());
                    assertTrue(refusal.message().contains(refused.message()), refusal.message());
                }));
    }
}
