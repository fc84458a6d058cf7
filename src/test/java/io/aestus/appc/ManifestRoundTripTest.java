package io.aestus.appc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever manifest can be made is written, read, and the same. */
class ManifestRoundTripTest {
    private static final JsonObject FUTURE =
            JsonObject.builder().put("future", Json.of(1)).build();

    @Property(tries = 300)
    void an_image_manifest_comes_back_as_it_was(@ForAll("images") ImageManifest image) {
        assertEquals(image, ImageManifest.read(image.toBytes()));
    }

    @Property(tries = 300)
    void a_pod_manifest_comes_back_as_it_was(@ForAll("pods") PodManifest pod) {
        assertEquals(pod, PodManifest.read(pod.toBytes()));
    }

    @Provide
    Arbitrary<ImageManifest> images() {
        Arbitrary<Dependency> dependencies = Combinators.combine(
                        identifiers(),
                        ids().optional(),
                        labels(),
                        Arbitraries.longs().greaterOrEqual(0).optional())
                .as((name, id, labels, size) -> new Dependency(
                        name, id, labels, size.map(OptionalLong::of).orElse(OptionalLong.empty())));
        return Combinators.combine(
                        identifiers(),
                        labels(),
                        apps().optional(),
                        dependencies.list().ofMaxSize(2),
                        paths().list().ofMaxSize(3),
                        annotations(),
                        Arbitraries.of(JsonObject.EMPTY, FUTURE))
                .as((name, labels, app, under, whitelist, annotations, unknown) -> new ImageManifest(
                        AcVersion.CURRENT,
                        name,
                        labels,
                        app,
                        under,
                        new PathWhitelist(whitelist),
                        annotations,
                        unknown));
    }

    @Provide
    Arbitrary<PodManifest> pods() {
        Arbitrary<RuntimeImage> images = Combinators.combine(ids().optional(), identifiers(), labels())
                .as((id, name, labels) -> new RuntimeImage(id, Optional.of(name), labels));
        Arbitrary<Mount> mounts =
                Combinators.combine(names(), paths(), volumes().optional()).as(Mount::new);
        Arbitrary<RuntimeApp> apps = Combinators.combine(
                        names(),
                        images,
                        apps().optional(),
                        Arbitraries.of(true, false),
                        mounts.list().ofMaxSize(2),
                        annotations(),
                        Arbitraries.of(JsonObject.EMPTY, FUTURE))
                .as(RuntimeApp::new);
        Arbitrary<ExposedPort> exposed = Combinators.combine(
                        names(),
                        Arbitraries.integers().between(1, 65_535),
                        Arbitraries.of("0.0.0.0", "192.0.2.255").optional(),
                        ports().optional())
                .as(ExposedPort::new);
        return Combinators.combine(
                        apps.list().uniqueElements(RuntimeApp::name).ofMaxSize(3),
                        volumes().list().uniqueElements(Volume::name).ofMaxSize(3),
                        isolators(),
                        annotations(),
                        exposed.list().ofMaxSize(2),
                        maps(),
                        maps())
                .as((all, volumes, isolators, annotations, ports, notes, labels) -> new PodManifest(
                        AcVersion.CURRENT, all, volumes, isolators, annotations, ports, notes, labels, FUTURE));
    }

    private static Arbitrary<App> apps() {
        Arbitrary<List<MountPoint>> points = Combinators.combine(names(), paths(), Arbitraries.of(true, false))
                .as(MountPoint::new)
                .list()
                .uniqueElements(MountPoint::name)
                .ofMaxSize(2);
        Arbitrary<List<Port>> ports = ports().list().uniqueElements(Port::name).ofMaxSize(2);
        Arbitrary<List<EventHandler>> handlers = Arbitraries.of(EventHandler.Event.values())
                .map(event -> new EventHandler(event, List.of("/bin/handle", "")))
                .list()
                .uniqueElements(EventHandler::event)
                .ofMaxSize(2);
        Arbitrary<String> owners = Arbitraries.of("0", "root", "4294967294", "/bin/x", "007");
        Arbitrary<Environment> environments =
                texts().map(text -> Environment.NONE.with("A", text).with("_b.c-1", ""));
        return Combinators.combine(owners, points, ports, handlers, environments, isolators(), maps())
                .as((owner, mounts, listening, events, environment, isolators, map) -> App.running(
                                List.of("/bin/app", ""))
                        .user(owner)
                        .supplementaryGids(List.of(0L, App.HIGHEST_ID))
                        .mountPoints(mounts)
                        .ports(listening)
                        .eventHandlers(events)
                        .environment(environment)
                        .isolators(isolators)
                        .userLabels(map)
                        .build());
    }

    private static Arbitrary<Isolators> isolators() {
        Quantity some = Quantity.parse("1500m");
        return Arbitraries.<Isolator>of(
                        ResourceIsolator.Memory.limit(Quantity.parse("16Mi")),
                        new ResourceIsolator.Cpu(Optional.of(some), Optional.of(some)),
                        new ResourceIsolator.Cpu(Optional.of(some), Optional.empty()),
                        new ResourceIsolator.BlockBandwidth(some),
                        new ResourceIsolator.BlockIops(some),
                        new ResourceIsolator.NetworkBandwidth(some),
                        new LinuxIsolator.CapabilitiesRetainSet(List.of()),
                        new LinuxIsolator.SeccompRetainSet(List.of("read", "@appc.io/all"), Optional.of("EPERM")),
                        new LinuxIsolator.NoNewPrivileges(true),
                        new LinuxIsolator.SelinuxContext("u", "r", "t", "s0:c1"),
                        new LinuxIsolator.ApparmorProfile("p"),
                        new LinuxIsolator.OomScoreAdj(-1000),
                        new LinuxIsolator.CpuShares(2),
                        new Isolator.Sysctl(Map.of("net.ipv4.ip_forward", "1")),
                        new Isolator.Unknown("example.com/x", Json.array(Json.of(true))))
                .list()
                .uniqueElements(Isolator::name)
                .ofMaxSize(5)
                .map(Isolators::new);
    }

    private static Arbitrary<Volume> volumes() {
        Arbitrary<Volume> hosts = Combinators.combine(
                        names(), paths(), Arbitraries.of(true, false), Arbitraries.of(true, false))
                .as(Volume.Host::new);
        Arbitrary<Volume> empty = Combinators.combine(
                        names(),
                        Arbitraries.of(true, false),
                        Arbitraries.integers().between(0, 07777),
                        Arbitraries.longs().between(0, App.HIGHEST_ID),
                        Arbitraries.longs().between(0, App.HIGHEST_ID),
                        Arbitraries.of(1L << 20, 5L).map(Quantity::of).optional())
                .as((name, readOnly, mode, uid, gid, size) -> new Volume.Empty(
                        name,
                        readOnly,
                        mode,
                        uid,
                        gid,
                        size.isPresent() ? Volume.Medium.MEMORY : Volume.Medium.DISK,
                        size));
        Arbitrary<Volume> images = Combinators.combine(names(), ids(), Arbitraries.of("", "a/b", "/a", "..."))
                .as(Volume.Image::new);
        return Arbitraries.oneOf(hosts, empty, images);
    }

    private static Arbitrary<Port> ports() {
        return Combinators.combine(
                        names(),
                        Arbitraries.of("tcp", "udp", "sctp"),
                        Arbitraries.integers().between(1, 60_000),
                        Arbitraries.integers().between(1, 5_536),
                        Arbitraries.of(true, false))
                .as(Port::new);
    }

    private static Arbitrary<AcName> names() {
        return Arbitraries.of("a", "b", "a-b", "c--d", "0", "web").map(AcName::parse);
    }

    private static Arbitrary<AcIdentifier> identifiers() {
        return Arbitraries.of("example.com/web", "a", "a~b_c.d/e-f", "x//y").map(AcIdentifier::parse);
    }

    private static Arbitrary<AbsolutePath> paths() {
        return Arbitraries.of("/a", "/a/b", "/ü x", "/dev/shm", "/...").map(AbsolutePath::parse);
    }

    private static Arbitrary<ImageId> ids() {
        return Arbitraries.of('0', '7', 'f')
                .map(digit -> new ImageId(digit.toString().repeat(128)));
    }

    private static Arbitrary<Labels> labels() {
        return Arbitraries.of(
                        Label.of("version", "1"),
                        Label.of("os", "linux"),
                        Label.of("arch", "aarch64"),
                        Label.of("x", ""))
                .list()
                .uniqueElements(Label::name)
                .ofMaxSize(3)
                .map(Labels::new);
    }

    private static Arbitrary<Annotations> annotations() {
        return Combinators.combine(identifiers(), texts())
                .as(Annotation::new)
                .list()
                .uniqueElements(Annotation::name)
                .ofMaxSize(2)
                .map(Annotations::new);
    }

    private static Arbitrary<Map<String, String>> maps() {
        return Arbitraries.maps(texts(), texts()).ofMaxSize(2);
    }

    private static Arbitrary<String> texts() {
        return Arbitraries.strings()
                .withCharRange('\u0001', '\u02ff')
                .withChars('"', '\\', '\u2028')
                .ofMaxLength(6);
    }
}
