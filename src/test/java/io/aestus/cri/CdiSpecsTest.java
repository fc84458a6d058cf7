package io.aestus.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.cri.v1.CDIDevice;
import io.aestus.cri.v1.ContainerConfig;
import io.aestus.cri.v1.Mount;
import io.aestus.executor.AppOptions;
import io.aestus.executor.Hook;
import io.aestus.executor.MovedInterface;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Devices that vendors describe. */
class CdiSpecsTest {
    private static final String TAPE = """
            cdiVersion: "0.6.0"
            kind: "example.com/tape"
            containerEdits:
              env: ["TAPE=yes"]
            devices:
            - name: "0"
              containerEdits:
                env: ["TAPE0=here"]
                deviceNodes: [{path: /dev/tape0, hostPath: /dev/null, permissions: rw}]
                mounts: [{hostPath: /etc, containerPath: /tapes, options: [ro, rbind]}]
                additionalGids: [26]
            - name: "1"
              containerEdits: {deviceNodes: [{path: /dev/tape1}]}
            """;

    @TempDir
    Path directory;

    private CdiSpecs specs;

    @BeforeEach
    void describe() throws IOException {
        specs = new CdiSpecs(List.of(
                Files.createDirectory(directory.resolve("etc")), directory.resolve("run"), directory.resolve("none")));
        Files.createDirectory(directory.resolve("run"));
        write("etc/tape.yaml", TAPE);
    }

    private void write(String file, String text) throws IOException {
        Files.writeString(directory.resolve(file), text);
    }

    private CdiEdits edits(String... names) {
        var config = ContainerConfig.newBuilder();
        for (String name : names) {
            config.addCDIDevices(CDIDevice.newBuilder().setName(name));
        }
        return specs.edits(config.build());
    }

    private void refused(Problem problem, String why, String name) {
        var refused = assertThrows(AestusException.class, () -> edits(name));
        assertEquals(problem, refused.problem());
        assertTrue(refused.message().contains(why), refused.message());
    }

    @Test
    void a_device_brings_what_its_vendor_says() {
        CdiEdits edits = edits("example.com/tape=0", "example.com/tape=1");
        assertEquals(Map.of("TAPE", "yes", "TAPE0", "here"), edits.environment());
        assertEquals(
                List.of(
                        new AppOptions.Device(Path.of("/dev/null"), "/dev/tape0", "rw"),
                        new AppOptions.Device(Path.of("/dev/tape1"), "/dev/tape1", "rwm")),
                edits.devices());
        assertEquals(
                List.of(Mount.newBuilder()
                        .setHostPath("/etc")
                        .setContainerPath("/tapes")
                        .setReadonly(true)
                        .build()),
                edits.mounts());
        assertEquals(List.of(26L), edits.groups());
        assertEquals(CdiEdits.NONE, edits());
    }

    @Test
    void an_annotation_names_devices_too() {
        var config = ContainerConfig.newBuilder()
                .putAnnotations("cdi.k8s.io/tapes", "example.com/tape=0,example.com/tape=1")
                .build();
        assertEquals(2, specs.edits(config).devices().size());
    }

    @Test
    void the_later_directory_wins_and_json_is_understood() throws IOException {
        write("run/tape.json", """
                {"cdiVersion": "0.5.0", "kind": "example.com/tape",
                 "devices": [{"name": "0", "containerEdits": {"env": ["FROM=run"]}}]}""");
        assertEquals(Map.of("FROM", "run"), edits("example.com/tape=0").environment());
        assertEquals(
                "/dev/tape1",
                edits("example.com/tape=1").devices().getFirst().hostPath().toString());
    }

    @Test
    void a_device_may_have_another_owner_and_other_permissions_than_on_the_host() throws IOException {
        write("etc/owned.yaml", """
                cdiVersion: 0.8.0
                kind: example.com/owned
                devices:
                - name: both
                  containerEdits: {deviceNodes: [{path: /dev/a, uid: 1000, gid: 44, fileMode: 432}]}
                - name: half
                  containerEdits: {deviceNodes: [{path: /dev/b, gid: 44}]}
                """);
        var both = edits("example.com/owned=both").devices().getFirst();
        assertEquals(Optional.of(new AppOptions.DeviceOwner(1000, 44)), both.owner());
        assertEquals(OptionalInt.of(0660), both.mode());
        var half = edits("example.com/owned=half").devices().getFirst();
        assertEquals(Optional.of(new AppOptions.DeviceOwner(0, 44)), half.owner());
        assertEquals(OptionalInt.empty(), half.mode());
    }

    @Test
    void what_nothing_describes_or_two_do_is_refused() throws IOException {
        refused(Problem.INVALID, "no file describes it", "example.com/tape=7");
        refused(Problem.INVALID, "no file describes it", "example.com/disk=0");
        refused(Problem.INVALID, "expected vendor/class=name", "tape0");
        refused(Problem.INVALID, "expected vendor/class=name", "example.com/tape=../0");
        write("etc/again.yaml", TAPE);
        refused(Problem.INVALID, "two files", "example.com/tape=0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "intelRdt: {closID: x}",
                "mounts: [{hostPath: /, containerPath: /x, options: [noexec]}]",
                "mounts: [{hostPath: /, containerPath: /x, type: tmpfs}]",
            })
    void what_cannot_be_done_is_refused_by_its_name(String edits) throws IOException {
        write("etc/odd.yaml", "kind: example.com/odd\ndevices: [{name: x, containerEdits: {" + edits + "}}]\n");
        refused(Problem.UNSUPPORTED, "odd.yaml", "example.com/odd=x");
    }

    @Test
    void hooks_are_those_of_the_file_and_of_the_device_in_this_order() throws IOException {
        write("etc/hooked.yaml", """
                kind: example.com/hooked
                containerEdits: {hooks: [{hookName: poststop, path: /bin/a}]}
                devices:
                - name: x
                  containerEdits:
                    hooks:
                    - {hookName: createContainer, path: /bin/b, args: [b, -v], env: [A=1], timeout: 5}
                """);
        assertEquals(
                List.of(
                        new Hook(Hook.Moment.POSTSTOP, Path.of("/bin/a"), List.of(), List.of(), Optional.empty()),
                        new Hook(
                                Hook.Moment.CREATE_CONTAINER,
                                Path.of("/bin/b"),
                                List.of("b", "-v"),
                                List.of("A=1"),
                                Optional.of(Duration.ofSeconds(5)))),
                edits("example.com/hooked=x").host().hooks());
    }

    @Test
    void interfaces_of_the_host_are_named() throws IOException {
        write("etc/nets.yaml", """
                kind: example.com/net
                devices:
                - name: x
                  containerEdits: {netDevices: [{hostInterfaceName: eth1, name: data0}, {hostInterfaceName: eth2}]}
                - name: y
                  containerEdits: {netDevices: [{hostInterfaceName: ../eth1, name: data0}]}
                - name: z
                  containerEdits: {netDevices: [{hostInterfaceName: eth1, name: data%d}]}
                """);
        assertEquals(
                List.of(new MovedInterface("eth1", "data0"), new MovedInterface("eth2", "eth2")),
                edits("example.com/net=x").host().interfaces());
        refused(Problem.INVALID, "must be the name of an interface", "example.com/net=y");
        refused(Problem.INVALID, "must be the name of an interface", "example.com/net=z");
    }

    @ParameterizedTest
    @ValueSource(strings = {"closID: ../x", "l3CacheSchema: 'L3:0=f; L2:0=f'", "schemata: ['nonsense']", "closID: ''"})
    void a_share_of_caches_that_makes_no_sense_is_refused(String share) throws IOException {
        write(
                "etc/odd.yaml",
                "kind: example.com/odd\ndevices: [{name: x, containerEdits: {intelRdt: {" + share + "}}}]\n");
        refused(Problem.INVALID, "intelRdt", "example.com/odd=x");
    }

    @ParameterizedTest
    @CsvSource({
        "'hookName: sometimes, path: /bin/a', hookName",
        "'hookName: poststop, path: bin/a', absolute",
        "'hookName: poststop, path: /bin/a, timeout: 0', timeout",
        "'hookName: poststop, path: /bin/a, timeout: 3601', timeout",
        "'hookName: poststop, path: /bin/a, env: [A]', NAME=value",
        "'hookName: poststop', path",
    })
    void a_hook_that_makes_no_sense_is_refused(String hook, String why) throws IOException {
        write(
                "etc/odd.yaml",
                "kind: example.com/odd\ndevices: [{name: x, containerEdits: {hooks: [{" + hook + "}]}}]\n");
        refused(Problem.INVALID, why, "example.com/odd=x");
    }

    @Test
    void a_file_that_makes_no_sense_hides_its_own_devices_only() throws IOException {
        write("etc/a.yaml", "{{{");
        write("etc/b.json", "[1, 2]");
        write("etc/c.yaml", "kind: [1]");
        write("etc/d.txt", TAPE);
        assertEquals(1, edits("example.com/tape=0").devices().size());
    }
}
