package io.aestus.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonView;
import io.aestus.network.Plugins.Subject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** What plugins are told, and what becomes of what they say. */
class ChainTest {
    private static final String ONE = """
            {"cniVersion": "1.0.0", "interfaces": [{"name": "veth0"}, {"name": "eth0", "sandbox": "/ns"}],
             "ips": [{"address": "10.0.0.1/24", "interface": 0}, {"address": "10.0.0.2/24", "interface": 1}]}""";
    private static final String TWO = """
            {"cniVersion": "1.0.0", "ips": [{"address": "10.0.0.2/24"}, {"address": "FD00::2/64"}],
             "dns": {"nameservers": ["10.0.0.1"], "domain": "a.test", "search": ["a.test", "b.test"]}}""";
    private static final String LIST = """
            {"name": "web", "cniVersion": "1.0.0", "plugins": [
              {"type": "first", "mtu": 1400, "capabilities": {"ips": true, "mac": false}},
              {"type": "second", "capabilities": {"portMappings": true, "dns": true}}]}""";

    @TempDir
    Path directory;

    private FakePlugins plugins;

    @BeforeEach
    void open() throws IOException {
        plugins = new FakePlugins(directory);
        plugins.plugin("first", ONE.replace("\n", " "), "0.4.0", "1.0.0");
        plugins.plugin("second", TWO.replace("\n", " "), "0.3.1", "0.4.0", "1.0.0", "1.1.0");
    }

    private Chain chain() {
        return chain(Duration.ofSeconds(20));
    }

    private Chain chain(Duration limit) {
        return new Chain(new Plugins(plugins.settings().plugins(), limit));
    }

    private static Network network(String text) {
        return Network.ofList(JsonReader.read(text.getBytes(StandardCharsets.UTF_8), "test"), "test");
    }

    private static AttachmentRecord attachment(Network network, CniVersion version) {
        var arguments = new LinkedHashMap<>(Map.of("IP", "10.0.0.2"));
        var choice = new NetworkChoice(network.name(), arguments);
        var port = new PortMapping(Optional.empty(), 8080, 80, PortMapping.Protocol.TCP);
        var names = new NameServers(List.of("10.0.0.53"), List.of(), List.of());
        return new AttachmentRecord(
                network,
                version,
                choice,
                "eth0",
                Capabilities.of(choice, List.of(port), Optional.empty(), names),
                Optional.empty());
    }

    private static AttachmentRecord attachment() {
        return attachment(network(LIST), CniVersion.V1_0_0);
    }

    private static final Subject SUBJECT = new Subject("pod-1", Optional.of(Path.of("/run/ns")), "eth0", "IP=10.0.0.2");

    private JsonView told(String type, int number) throws IOException {
        return JsonReader.read(plugins.configuration(type, number).getBytes(StandardCharsets.UTF_8), "question");
    }

    @Test
    void each_plugin_is_told_what_the_one_before_it_made_and_only_what_it_takes() throws IOException {
        JsonObject result = chain().add(attachment(), SUBJECT);
        assertEquals(List.of("first ADD", "second ADD"), plugins.order());
        JsonView first = told("first", 0);
        assertEquals("web", first.required("name").string());
        assertEquals("1.0.0", first.required("cniVersion").string());
        assertEquals(1400, first.required("mtu").wholeInt(0, 9000));
        assertTrue(first.optional("prevResult").isEmpty());
        assertEquals(
                List.of("ips"),
                List.copyOf(first.required("runtimeConfig").fields().keySet()));
        JsonView second = told("second", 0);
        assertEquals(
                "10.0.0.1/24",
                second.required("prevResult")
                        .required("ips")
                        .elements()
                        .getFirst()
                        .required("address")
                        .string());
        assertEquals(
                List.of("portMappings", "dns"),
                List.copyOf(second.required("runtimeConfig").fields().keySet()));
        var attached = attachment().made(result).attachment();
        assertEquals(List.of("10.0.0.2", "fd00::2"), attached.addresses());
        assertEquals("web:ip4=10.0.0.2;ip6=fd00::2", attached.toString());
        assertEquals(List.of("a.test", "b.test"), attached.names().searches());
    }

    @Test
    void addresses_of_the_hosts_end_are_not_the_pods() {
        JsonObject result = chain().add(attachment(network("""
                {"name": "web", "cniVersion": "1.0.0", "plugins": [{"type": "first"}]}"""), CniVersion.V1_0_0), SUBJECT);
        assertEquals(List.of("10.0.0.2"), attachment().made(result).attachment().addresses());
    }

    @Test
    void the_environment_is_what_the_protocol_names_and_a_search_path() throws IOException {
        chain().add(attachment(), SUBJECT);
        var shells = List.of("PWD=/", "_=/usr/bin/env", "SHLVL=0", "OLDPWD=/"); // the script's own
        assertEquals(
                List.of(
                        "CNI_ARGS=IP=10.0.0.2",
                        "CNI_COMMAND=ADD",
                        "CNI_CONTAINERID=pod-1",
                        "CNI_IFNAME=eth0",
                        "CNI_NETNS=/run/ns",
                        "CNI_PATH=" + directory.resolve("none") + ":" + plugins.bin,
                        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
                plugins.environment("first", 0).stream()
                        .filter(line -> !shells.contains(line))
                        .toList());
    }

    @Test
    void detaching_goes_backwards_tells_the_result_and_lets_nobody_stop_it() throws IOException {
        plugins.plugin("second", "[ $CNI_COMMAND = DEL ] && { echo '{\"code\": 100, \"msg\": \"busy\"}'; exit 1; }");
        JsonObject made =
                JsonReader.read(TWO.getBytes(StandardCharsets.UTF_8), "test").object();
        var failure = assertThrows(
                AestusException.class, () -> chain().delete(attachment().made(made), SUBJECT));
        assertEquals(List.of("second DEL", "first DEL"), plugins.order());
        assertEquals(made, told("first", 0).required("prevResult").object());
        assertEquals("cannot detach the pod from network web: plugin second: 'busy' (code 100)", failure.message());
    }

    @Test
    void a_plugin_that_knows_no_such_pod_or_whose_program_is_gone_stops_no_detaching() throws IOException {
        plugins.plugin("first", "echo '{\"code\": 3, \"msg\": \"unknown\"}'; exit 1");
        Files.delete(plugins.bin.resolve("second"));
        chain().delete(attachment(), SUBJECT);
        assertEquals(List.of("first DEL"), plugins.order());
    }

    @Test
    void version_0_3_is_neither_told_the_result_nor_checked() throws IOException {
        var old = attachment(network(LIST.replace("1.0.0", "0.3.1")), CniVersion.V0_3_0);
        chain().delete(old.made(JsonObject.EMPTY), SUBJECT);
        chain().check(old.made(JsonObject.EMPTY), SUBJECT);
        assertTrue(told("first", 0).optional("prevResult").isEmpty());
        assertEquals(List.of("second DEL", "first DEL"), plugins.order());
    }

    @Test
    void checking_asks_in_order_unless_the_network_forbids_it() throws IOException {
        chain().check(attachment().made(result(TWO)), SUBJECT);
        assertEquals(List.of("first CHECK", "second CHECK"), plugins.order());
        var silent = network(LIST.replace("\"plugins\"", "\"disableCheck\": true, \"plugins\""));
        chain().check(attachment(silent, CniVersion.V1_0_0), SUBJECT);
        assertEquals(2, plugins.order().size());
    }

    @Test
    void portmap_which_checks_wrongly_is_not_asked() throws IOException {
        plugins.plugin("portmap", ONE.replace("\n", " "), "1.0.0");
        var list = network(LIST.replace("second", "portmap"));
        chain().check(attachment(list, CniVersion.V1_0_0).made(result(ONE)), SUBJECT);
        assertEquals(List.of("first CHECK"), plugins.order());
        chain().check(attachment(list, CniVersion.V1_1_0).made(result(ONE)), SUBJECT);
        assertEquals(List.of("first CHECK", "portmap CHECK"), plugins.order().subList(1, 3), "later ones do it well");
    }

    private static JsonObject result(String text) {
        return JsonReader.read(text.getBytes(StandardCharsets.UTF_8), "test").object();
    }

    @Test
    void of_several_versions_the_highest_counts_that_all_speak() throws IOException {
        var many = network(LIST.replace(
                "\"cniVersion\": \"1.0.0\"", "\"cniVersions\": [\"0.3.1\", \"0.4.0\", \"1.0.0\", \"1.1.0\"]"));
        assertEquals("1.0.0", chain().version(many).toString());
        assertEquals(
                "1.0.0",
                chain().version(network(LIST.replace("\"cniVersion\": \"1.0.0\",", "")))
                        .toString());
        assertEquals(
                "1.0.0",
                chain().version(network(LIST.replace("1.0.0", "0.1.0"))).toString());
        assertEquals(
                "0.3.1",
                chain().version(network(LIST.replace("1.0.0", "0.3.1"))).toString());
        plugins.plugin("first", ONE.replace("\n", " "), "0.3.0");
        var failure = assertThrows(AestusException.class, () -> chain().version(many));
        assertEquals(Problem.UNSUPPORTED, failure.problem());
        assertThrows(AestusException.class, () -> chain().version(network(LIST.replace("1.0.0", "2.0.0"))));
    }

    @Test
    void status_and_collection_are_asked_from_1_1_on() throws IOException {
        plugins.plugin("first", ONE.replace("\n", " "), "1.1.0");
        chain().status(network(LIST));
        chain().collect(network(LIST), List.of());
        assertEquals(List.of(), plugins.order());
        var newer = network(LIST.replace("1.0.0", "1.1.0"));
        chain().status(newer);
        chain().collect(newer, List.of(new Chain.Valid("pod-1", "eth0")));
        assertEquals(List.of("first STATUS", "second STATUS", "first GC", "second GC"), plugins.order());
        assertTrue(plugins.configuration("first", 1)
                .contains("\"cni.dev/valid-attachments\":[{\"containerID\":\"pod-1\",\"ifname\":\"eth0\"}]"));
        assertFalse(plugins.environment("first", 1).toString().contains("CNI_NETNS"));
        chain().collect(network(LIST.replace("1.0.0\"", "1.1.0\", \"disableGC\": true")), List.of());
        assertEquals(4, plugins.order().size());
    }

    @Test
    void what_gives_addresses_is_asked_for_its_versions_and_to_collect_too() throws IOException {
        String addressed = LIST.replace("\"type\": \"first\"", "\"type\": \"first\", \"ipam\": {\"type\": \"giver\"}");
        var many = network(addressed.replace("\"cniVersion\": \"1.0.0\"", "\"cniVersions\": [\"1.0.0\", \"1.1.0\"]"));
        plugins.plugin("first", ONE.replace("\n", " "), "1.0.0", "1.1.0");
        plugins.plugin("second", ONE.replace("\n", " "), "1.0.0", "1.1.0");
        assertEquals("1.1.0", chain().version(many).toString(), "it may be none of ours");
        plugins.plugin("giver", "", "1.0.0");
        assertEquals("1.0.0", chain().version(many).toString());
        var newer = network(addressed.replace("1.0.0", "1.1.0"));
        chain().collect(newer, List.of());
        assertEquals(List.of("first GC", "second GC"), plugins.order(), "an old one would not know the word");
        plugins.plugin("giver", "", "1.1.0");
        chain().collect(newer, List.of());
        assertEquals(
                List.of("first GC", "giver GC", "second GC"), plugins.order().subList(2, 5));
    }

    @Test
    void who_refuses_to_collect_stops_no_other() throws IOException {
        plugins.plugin("first", "echo '{\"code\": 100, \"msg\": \"busy\"}'; exit 1");
        var failure = assertThrows(
                AestusException.class, () -> chain().collect(network(LIST.replace("1.0.0", "1.1.0")), List.of()));
        assertEquals(List.of("first GC", "second GC"), plugins.order());
        assertEquals("cannot collect leftovers in network web: plugin first: 'busy' (code 100)", failure.message());
    }

    // --- plugins that misbehave

    private record Case(String name, String body, Problem problem, String message) {}

    private static final List<Case> CASES = List.of(
            new Case(
                    "an error with details",
                    "echo '{\"code\": 7, \"msg\": \"no\", \"details\": \"bad subnet\"}'; exit 1",
                    Problem.INVALID,
                    "cannot attach the pod to network web: plugin first: 'no; bad subnet' (code 7)"),
            new Case(
                    "an error that repaints terminals",
                    "printf '{\"code\": 11, \"msg\": \"\\\\u001b[2J\"}'; exit 1",
                    Problem.UNAVAILABLE,
                    "cannot attach the pod to network web: plugin first: '\\u001b[2J' (code 11)"),
            new Case(
                    "a wrong version",
                    "echo '{\"code\": 1, \"msg\": \"too new\"}'; exit 1",
                    Problem.UNSUPPORTED,
                    "cannot attach the pod to network web: plugin first: 'too new' (code 1)"),
            new Case(
                    "a crash",
                    "echo panic: oh >&2; exit 2",
                    Problem.UNAVAILABLE,
                    "cannot attach the pod to network web: plugin first: exit code 2, 'panic: oh'"),
            new Case(
                    "an error of the wrong shape",
                    "echo '{\"code\": \"x\", \"msg\": 3}'; exit 1",
                    Problem.UNAVAILABLE,
                    "cannot attach the pod to network web: plugin first: exit code 1,"
                            + " '{\"code\": \"x\", \"msg\": 3}'"),
            new Case(
                    "nothing",
                    "exit 0",
                    Problem.UNAVAILABLE,
                    "cannot attach the pod to network web: plugin first ended well without a result"),
            new Case(
                    "no JSON",
                    "echo hello",
                    Problem.INVALID,
                    "cannot read the answer of plugin first to ADD: is not JSON, at line 1, column 1"),
            new Case(
                    "no version",
                    "echo '{}'",
                    Problem.INVALID,
                    "cannot read the answer of plugin first to ADD: cniVersion: is missing"),
            new Case(
                    "an address that is a name",
                    "echo '{\"cniVersion\": \"1.0.0\", \"ips\": [{\"address\": \"localhost/8\"}]}'",
                    Problem.INVALID,
                    "cannot read the answer of plugin first to ADD: ips[0].address: must be an IP address"),
            new Case(
                    "an interface that is none",
                    "echo '{\"cniVersion\": \"1.0.0\", \"ips\": [{\"address\": \"10.0.0.1/8\", \"interface\": 7}]}'",
                    Problem.INVALID,
                    "cannot read the answer of plugin first to ADD: ips[0].interface: must be the number of an"
                            + " interface"),
            new Case(
                    "a search domain with a line of its own",
                    "printf %s '{\"cniVersion\": \"1.0.0\", \"dns\": {\"search\": [\"a\\nnameserver 6.6.6.6\"]}}'",
                    Problem.INVALID,
                    "cannot read the answer of plugin first to ADD: dns.search[0]: must be one word"),
            new Case(
                    "too much",
                    "head -c 2000000 /dev/zero",
                    Problem.UNAVAILABLE,
                    "cannot run %s/first: it wrote more than 1048576 bytes"));

    @TestFactory
    Stream<DynamicTest> what_a_plugin_says_wrongly_is_refused() {
        return CASES.stream()
                .map(it -> DynamicTest.dynamicTest(it.name(), () -> {
                    plugins.plugin("first", it.body());
                    var failure = assertThrows(AestusException.class, () -> chain().add(attachment(), SUBJECT));
                    assertEquals(it.message().formatted(plugins.bin), failure.message());
                    assertEquals(it.problem(), failure.problem());
                }));
    }

    @Test
    void one_that_hangs_is_killed_with_its_children() throws IOException {
        plugins.plugin("first", "sleep 1000 & echo $! > " + directory + "/child; wait");
        var failure = assertThrows(
                AestusException.class, () -> chain(Duration.ofMillis(500)).add(attachment(), SUBJECT));
        assertEquals("cannot run " + plugins.bin + "/first: it did not end within 500 ms", failure.message());
        long child = Long.parseLong(Files.readString(directory.resolve("child")).strip());
        ProcessHandle.of(child).ifPresent(process -> process.onExit().join());
    }

    @Test
    void for_a_child_that_keeps_its_output_nobody_waits() throws IOException {
        plugins.plugin(
                "first", "sleep 1000 & echo $! > " + directory + "/child; echo '" + ONE.replace("\n", " ") + "'");
        chain().add(attachment(), SUBJECT);
        assertEquals(List.of("first ADD", "second ADD"), plugins.order());
        long child = Long.parseLong(Files.readString(directory.resolve("child")).strip());
        assertTrue(ProcessHandle.of(child).orElseThrow().destroyForcibly(), "it holds the output until now");
    }

    @Test
    void one_that_reads_nothing_and_one_that_answers_before_it_reads_do_no_harm() throws IOException {
        Files.writeString(plugins.bin.resolve("first"), "#!/bin/sh\nexec echo '" + ONE.replace("\n", " ") + "'\n");
        String huge = LIST.replace("\"mtu\": 1400", "\"note\": \"" + "x".repeat(300_000) + "\"");
        chain().add(attachment(network(huge), CniVersion.V1_0_0), SUBJECT);
        assertEquals(List.of("second ADD"), plugins.order());
    }
}
