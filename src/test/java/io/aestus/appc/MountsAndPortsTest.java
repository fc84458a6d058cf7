package io.aestus.appc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aestus.AestusException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** C8, C9, C12, C16, C19, C22, G13, I9: what a pod and its images say together. */
class MountsAndPortsTest {
    private static final RuntimeApp WEB =
            RuntimeApp.of(name("web"), RuntimeImage.of(ImageQuery.parse("example.com/web")));

    @Nested
    class MountsTest {
        @Test
        void a_mount_of_the_pod_fills_the_mount_point_at_its_path_whatever_its_name() {
            var app = WEB.withMounts(List.of(mount("data", "/srv/")));
            assertEquals(
                    List.of(new ResolvedMount(host("data"), path("/srv"), true, ResolvedMount.Origin.POD)),
                    Mounts.resolve(app, app(point("other", "/srv", true)), List.of(host("data"))));
        }

        @Test
        void a_mount_point_without_a_mount_takes_the_volume_of_its_name() {
            assertEquals(
                    List.of(new ResolvedMount(host("data"), path("/srv"), false, ResolvedMount.Origin.POD)),
                    Mounts.resolve(WEB, app(point("data", "/srv", false)), List.of(host("data"), host("unused"))));
        }

        @Test
        void it_is_read_only_if_either_says_so() {
            Volume fixed = host("data").asReadOnly();
            assertEquals(
                    true,
                    Mounts.resolve(WEB, app(point("data", "/a", false)), List.of(fixed))
                            .getFirst()
                            .readOnly());
            assertEquals(
                    true,
                    Mounts.resolve(WEB, app(point("data", "/a", true)), List.of(host("data")))
                            .getFirst()
                            .readOnly());
            var mounted = WEB.withMounts(List.of(Mount.of(fixed, path("/b"))));
            assertEquals(
                    true, Mounts.resolve(mounted, app(), List.of()).getFirst().readOnly());
        }

        @Test
        void i9_a_mount_point_that_nobody_fills_gets_an_empty_directory() {
            var expected = Volume.Empty.named(name("web-data"));
            assertEquals(
                    List.of(new ResolvedMount(expected, path("/srv"), false, ResolvedMount.Origin.IMPLICIT)),
                    Mounts.resolve(WEB, app(point("data", "/srv", false)), List.of()));
        }

        @Test
        void c9_an_apps_own_volume_counts_before_the_pods() {
            Volume own = Volume.Empty.named(name("data"));
            var app = WEB.withMounts(List.of(Mount.of(own, path("/srv"))));
            assertEquals(
                    List.of(new ResolvedMount(own, path("/srv"), false, ResolvedMount.Origin.APP)),
                    Mounts.resolve(app, app(), List.of(host("data"))));
        }

        @Test
        void two_mounts_or_two_mount_points_at_one_path_are_an_error() {
            var twice = WEB.withMounts(List.of(mount("a", "/x"), mount("b", "/x/")));
            refused(
                    "cannot mount volumes of web: two mounts at /x",
                    () -> Mounts.resolve(twice, app(), List.of(host("a"), host("b"))));
            refused(
                    "cannot mount volumes of web: two mount points at /x",
                    () -> Mounts.resolve(WEB, app(point("a", "/x", false), point("b", "/x", true)), List.of()));
        }

        @Test
        void an_unknown_volume_is_an_error_that_names_the_known_ones() {
            var app = WEB.withMounts(List.of(mount("c", "/x")));
            refused(
                    "cannot mount volumes of web: no volume c for /x: the pod has [a, b]",
                    () -> Mounts.resolve(app, app(), List.of(host("a"), host("b"))));
        }

        @Test
        void outer_mounts_come_first_and_g13_can_be_asked_for() {
            var app = WEB.withMounts(List.of(mount("a", "/x/y"), mount("a", "/x-y"), mount("a", "/x")));
            List<ResolvedMount> mounts = Mounts.resolve(app, app(), List.of(host("a")));
            assertEquals(
                    List.of("/x", "/x-y", "/x/y"),
                    mounts.stream().map(mount -> mount.path().value()).toList());
            refused("cannot mount volumes: /x/y lies within /x", () -> Mounts.requireDisjoint(mounts));
            Mounts.requireDisjoint(mounts.subList(1, 3));
        }
    }

    @Nested
    class PortsTest {
        private final App app = App.running(List.of("/a"))
                .ports(List.of(Port.of(name("http"), "tcp", 8080), new Port(name("range"), "udp", 5000, 10, false)))
                .build();

        @Test
        void c19_a_name_is_looked_up_among_the_apps() {
            assertEquals(
                    List.of(new ResolvedPort(
                            Optional.of(name("web")), Port.of(name("http"), "tcp", 8080), 80, Optional.empty())),
                    resolve(exposed("http", 80)));
        }

        @Test
        void c22_a_port_of_the_pod_counts_before_the_name() {
            Port own = Port.of(name("any"), "tcp", 9);
            var exposed = new ExposedPort(name("http"), 80, Optional.empty(), Optional.of(own));
            assertEquals(List.of(new ResolvedPort(Optional.empty(), own, 80, Optional.empty())), resolve(exposed));
        }

        @Test
        void a_name_of_no_app_or_of_two_is_an_error() {
            refused("cannot expose port nope: no app has a port of that name", () -> resolve(exposed("nope", 80)));
            refused(
                    "cannot expose port http: more than one app has a port of that name",
                    () -> Ports.resolve(List.of(exposed("http", 80)), Map.of(name("a"), app, name("b"), app)));
        }

        @Test
        void a_range_is_exposed_whole() {
            assertEquals(6009, resolve(exposed("range", 6000)).getFirst().lastHostPort());
            refused(
                    "cannot expose port range: 10 ports from 65530 on leave 65535",
                    () -> resolve(exposed("range", 65_530)));
        }

        @Test
        void two_ports_may_not_meet_on_the_host() {
            refused(
                    "cannot expose port range: host port 6009 is taken by range",
                    () -> resolve(exposed("range", 6000), exposed("range", 6009)));
            assertEquals(
                    2, resolve(exposed("range", 6000), exposed("range", 6010)).size());
            assertEquals(
                    2, resolve(exposed("range", 6000), exposed("http", 6000)).size(), "another protocol");
            assertEquals(2, resolve(at("192.0.2.1"), at("192.0.2.2")).size(), "another address");
            for (String address : List.of("192.0.2.1", "0.0.0.0")) {
                assertThrows(AestusException.class, () -> resolve(at("192.0.2.1"), at(address)));
            }
            assertThrows(AestusException.class, () -> resolve(at("192.0.2.1"), exposed("http", 80)));
        }

        private ExposedPort at(String address) {
            return new ExposedPort(name("http"), 80, Optional.of(address), Optional.empty());
        }

        private List<ResolvedPort> resolve(ExposedPort... exposed) {
            return Ports.resolve(List.of(exposed), Map.of(name("web"), app));
        }
    }

    private static AcName name(String text) {
        return AcName.parse(text);
    }

    private static AbsolutePath path(String text) {
        return AbsolutePath.parse(text);
    }

    private static Volume host(String name) {
        return new Volume.Host(name(name), path("/host/" + name), false, true);
    }

    private static Mount mount(String volume, String path) {
        return Mount.of(name(volume), path(path));
    }

    private static MountPoint point(String name, String path, boolean readOnly) {
        return new MountPoint(name(name), path(path), readOnly);
    }

    private static App app(MountPoint... points) {
        return App.running(List.of("/a")).mountPoints(List.of(points)).build();
    }

    private static ExposedPort exposed(String name, int hostPort) {
        return new ExposedPort(name(name), hostPort, Optional.empty(), Optional.empty());
    }

    private static void refused(String message, Executable resolving) {
        assertEquals(message, assertThrows(AestusException.class, resolving).message());
    }
}
