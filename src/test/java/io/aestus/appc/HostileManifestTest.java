package io.aestus.appc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aestus.AestusException;
import io.aestus.Problem;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What must not pass, and the line that says so. The first column is the number in the list of the schema's rules. */
class HostileManifestTest {
    private static final String APP = "{\"exec\":[\"/a\"],\"user\":\"0\",\"group\":\"0\",%s}";
    private static final String IMAGE =
            "{\"acKind\":\"ImageManifest\",\"acVersion\":\"0.8.11\",\"name\":\"example.com/a\",%s}";
    private static final String POD = "{\"acKind\":\"PodManifest\",\"acVersion\":\"0.8.11\",%s}";

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "A3 | {\"acKind\":\"PodManifest\"} | acKind: must be ImageManifest, not 'PodManifest'",
                "A3 | {\"acKind\":\"imageManifest\"} | acKind: must be ImageManifest, not 'imageManifest'",
                "A3 | {} | acKind: is missing",
                "A4 | {\"acKind\":\"ImageManifest\",\"acVersion\":\"v0.8.11\"} | acVersion: must be a semantic version such as 0.8.11, not 'v0.8.11'",
                "I12 | {\"acKind\":\"ImageManifest\",\"acVersion\":\"1.0.0\"} | acVersion: must have the major version 0, not 1.0.0",
                "B1 | {\"acKind\":\"ImageManifest\",\"acVersion\":\"0.8.11\"} | name: is missing",
                "B1 | {\"acKind\":\"ImageManifest\",\"acVersion\":\"0.8.11\",\"name\":\"A\"} | name: must be lower-case letters and digits, separated by any of - . _ ~ /, not 'A'",
                "B22 | [] | must be an object",
            })
    void a_manifest_says_what_it_is(String number, String json, String reason) {
        refused("image manifest", json, reason);
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "A8 | \"labels\":[{\"name\":\"name\",\"value\":\"x\"}] | labels[0].name: must be the name of a label, not 'name'",
                "A8 | \"labels\":[{\"name\":\"a\",\"value\":\"x\"},{\"name\":\"a\",\"value\":\"y\"}] | labels[1].name: must be unique, but 'a' is there twice",
                "A8 | \"labels\":[{\"value\":\"x\"}] | labels[0].name: is missing",
                "A8 | \"labels\":[{\"name\":\"a\"}] | labels[0].value: is missing",
                "A8 | \"labels\":{} | labels: must be an array",
                "A9 | \"labels\":[{\"name\":\"os\",\"value\":\"linux\"},{\"name\":\"arch\",\"value\":\"x86\"}] | labels: must have for linux an arch of amd64, i386, aarch64, aarch64_be, armv6l, armv7l, armv7b, ppc64, ppc64le, s390x, not 'x86'",
                "A9 | \"labels\":[{\"name\":\"os\",\"value\":\"plan9\"}] | labels: must have an os of linux, freebsd, darwin, not 'plan9'",
                "A11 | \"annotations\":[{\"name\":\"a\",\"value\":\"1\"},{\"name\":\"a\",\"value\":\"1\"}] | annotations[1].name: must be unique, but 'a' is there twice",
                "A12 | \"annotations\":[{\"name\":\"created\",\"value\":\"today\"}] | annotations[0].value: must be an RFC 3339 time such as 2014-10-27T19:32:27Z, not 'today'",
                "A12 | \"annotations\":[{\"name\":\"homepage\",\"value\":\"http:foo\"}] | annotations[0].value: must be an http or https URL",
                "A12 | \"annotations\":[{\"name\":\"documentation\",\"value\":\"javascript:alert(1)\"}] | annotations[0].value: must be an http or https URL",
                "A12 | \"annotations\":[{\"name\":\"appc.io/executor/supports-systemd-notify\",\"value\":\"yes\"}] | annotations[0].value: must be \"true\" or \"false\"",
                "A12 | \"annotations\":[{\"name\":\"aestus.io/event-handler-timeout\",\"value\":\"soon\"}] | annotations[0].value: must be a duration from 1s to 24h, such as 1m30s",
                "A12 | \"annotations\":[{\"name\":\"aestus.io/event-handler-timeout\",\"value\":\"25h\"}] | annotations[0].value: must be a duration from 1s to 24h, such as 1m30s",
                "B16 | \"dependencies\":[{\"labels\":[]}] | dependencies[0].imageName: is missing",
                "B17 | \"dependencies\":[{\"imageName\":\"a\",\"imageID\":\"sha512-12\"}] | dependencies[0].imageID: must be sha512- and 128 hexadecimal digits, not 'sha512-12'",
                "B18 | \"dependencies\":[{\"imageName\":\"a\",\"size\":-1}] | dependencies[0].size: must be a whole number from 0 to 9223372036854775807",
                "B19 | \"pathWhitelist\":[\"/a\",\"x\"] | pathWhitelist[1]: must be absolute, not 'x'",
                "B19 | \"pathWhitelist\":[\"../y\"] | pathWhitelist[0]: must be absolute, not '../y'",
                "B19 | \"pathWhitelist\":[\"\"] | pathWhitelist[0]: must be absolute, not ''",
                "B19 | \"pathWhitelist\":[\"/a/../../y\"] | pathWhitelist[0]: must not contain '..', not '/a/../../y'",
                "J19 | \"name\":\"b\" | name: is there twice",
            })
    void an_image_is_refused(String number, String json, String reason) {
        refused("image manifest", IMAGE.formatted(json), reason);
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "B6 | \"supplementaryGIDs\":[-1] | supplementaryGIDs[0]: must be a whole number from 0 to 4294967294",
                "B6 | \"supplementaryGids\":[4294967295] | supplementaryGids[0]: must be a whole number from 0 to 4294967294",
                "I3 | \"supplementaryGids\":[1],\"supplementaryGIDs\":[1] | supplementaryGids: must not stand beside supplementaryGIDs",
                "B7 | \"eventHandlers\":[{\"name\":\"pre-stop\",\"exec\":[\"/x\"]}] | eventHandlers[0].name: must be one of pre-start, post-stop, not 'pre-stop'",
                "B7 | \"eventHandlers\":[{\"name\":\"pre-start\"}] | eventHandlers[0].exec: is missing",
                "B7 | \"eventHandlers\":[{\"name\":\"pre-start\",\"exec\":[]}] | eventHandlers[0].exec: must not be empty",
                "B7 | \"eventHandlers\":[{\"name\":\"pre-start\",\"exec\":[\"/x\"]},{\"name\":\"pre-start\",\"exec\":[\"/y\"]}] | eventHandlers[1].name: must be unique, but 'pre-start' is there twice",
                "B8 | \"workingDirectory\":\"srv\" | workingDirectory: must be absolute, not 'srv'",
                "B8 | \"workingDirectory\":\"/../x\" | workingDirectory: must not contain '..', not '/../x'",
                "B9 | \"environment\":[{\"name\":\"1A\",\"value\":\"\"}] | environment[0].name: must be letters, digits and _ . -, beginning with a letter or _, not '1A'",
                "B9 | \"environment\":[{\"name\":\"A=B\",\"value\":\"\"}] | environment[0].name: must be letters, digits and _ . -, beginning with a letter or _, not 'A=B'",
                "B9 | \"environment\":[{\"name\":\"A\",\"value\":\"\"},{\"name\":\"A\",\"value\":\"\"}] | environment[1].name: must be unique, but 'A' is there twice",
                "J11 | \"environment\":[{\"name\":\"A\",\"value\":\"a\\u0000b\"}] | app.environment[0].value: must not contain NUL",
                "B11 | \"mountPoints\":[{\"name\":\"a\",\"path\":\"x\"}] | mountPoints[0].path: must be absolute, not 'x'",
                "J12 | \"mountPoints\":[{\"name\":\"a\",\"path\":\"//\"}] | mountPoints[0].path: must not be /",
                "J12 | \"mountPoints\":[{\"name\":\"a\",\"path\":\"/proc/\"}] | mountPoints[0].path: must not be /proc",
                "J12 | \"mountPoints\":[{\"name\":\"a\",\"path\":\"/./dev\"}] | mountPoints[0].path: must not be /dev",
                "I14 | \"mountPoints\":[{\"name\":\"a\",\"path\":\"/x\"},{\"name\":\"a\",\"path\":\"/y\"}] | mountPoints[1].name: must be unique, but 'a' is there twice",
                "B12 | \"ports\":[{\"name\":\"a\",\"port\":1}] | ports[0].protocol: is missing",
                "B12 | \"ports\":[{\"name\":\"a.b\",\"protocol\":\"tcp\",\"port\":1}] | ports[0].name: must be lower-case letters and digits, separated by hyphens, not 'a.b'",
                "B13 | \"ports\":[{\"name\":\"a\",\"protocol\":\"tcp\",\"port\":0}] | ports[0].port: must be a whole number from 1 to 65535",
                "B13 | \"ports\":[{\"name\":\"a\",\"protocol\":\"tcp\",\"port\":1,\"count\":0}] | ports[0].count: must be a whole number from 1 to 65535",
                "J1 | \"ports\":[{\"name\":\"a\",\"protocol\":\"tcp\",\"port\":2,\"count\":65535}] | ports[0].count: must be a whole number from 1 to 65534",
                "J1 | \"ports\":[{\"name\":\"a\",\"protocol\":\"tcp\",\"port\":2,\"count\":18446744073709551615}] | ports[0].count: must be a whole number from 1 to 65534",
                "I14 | \"ports\":[{\"name\":\"a\",\"protocol\":\"tcp\",\"port\":2},{\"name\":\"a\",\"protocol\":\"udp\",\"port\":2}] | ports[1].name: must be unique, but 'a' is there twice",
                "A13 | \"userLabels\":{\"a\":1} | userLabels.a: must be a string",
            })
    void an_app_is_refused(String number, String json, String reason) {
        String place = reason.startsWith("app.") ? "" : "app.";
        refused("image manifest", IMAGE.formatted("\"app\":" + APP.formatted(json)), place + reason);
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "B4 | \"exec\":[\"\"],\"user\":\"0\",\"group\":\"0\" | exec[0]: must be absolute or the name of a program in PATH, not empty",
                "B4 | \"exec\":\"/a\",\"user\":\"0\",\"group\":\"0\" | exec: must be an array",
                "B5 | \"group\":\"0\" | user: is missing",
                "B5 | \"user\":0,\"group\":\"0\" | user: must be a string",
                "B5 | \"user\":\"\",\"group\":\"0\" | user: must not be empty, not ''",
                "J17 | \"user\":\"-1\",\"group\":\"0\" | user: must be a name, a number or an absolute path, not '-1'",
                "J17 | \"user\":\"+5\",\"group\":\"0\" | user: must be a name, a number or an absolute path, not '+5'",
                "J17 | \"user\":\"4294967296\",\"group\":\"0\" | user: must not be above 4294967294, not '4294967296'",
                "J17 | \"user\":\"0\",\"group\":\"4294967295\" | group: must not be above 4294967294, not '4294967295'",
                "J17 | \"user\":\"99999999999999999999\",\"group\":\"0\" | user: must not be above 4294967294, not '99999999999999999999'",
                "J17 | \"user\":\"/../etc\",\"group\":\"0\" | user: must not contain '..', not '/../etc'",
                "J17 | \"user\":\"a:b\",\"group\":\"0\" | user: must be a name, a number or an absolute path, not 'a:b'",
            })
    void who_runs_what_is_checked(String number, String json, String reason) {
        refused("image manifest", IMAGE.formatted("\"app\":{" + json + "}"), "app." + reason);
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "C2 | \"volumes\":[] | apps: is missing",
                "C3 | \"apps\":[{\"image\":{\"name\":\"a\"}}] | apps[0].name: is missing",
                "C3 | \"apps\":[{\"name\":\"a\",\"image\":{\"name\":\"a\"}},{\"name\":\"a\",\"image\":{\"name\":\"b\"}}] | apps[1].name: must be unique, but 'a' is there twice",
                "C4 | \"apps\":[{\"name\":\"a\"}] | apps[0].image: is missing",
                "C4 | \"apps\":[{\"name\":\"a\",\"image\":{}}] | apps[0].image: must have an id or a name",
                "C8 | \"apps\":[{\"name\":\"a\",\"image\":{\"name\":\"a\"},\"mounts\":[{\"volume\":\"v\",\"path\":\"p\"}]}] | apps[0].mounts[0].path: must be absolute, not 'p'",
                "C8 | \"apps\":[{\"name\":\"a\",\"image\":{\"name\":\"a\"},\"mounts\":[{\"path\":\"/p\"}]}] | apps[0].mounts[0].volume: is missing",
                "J12 | \"apps\":[{\"name\":\"a\",\"image\":{\"name\":\"a\"},\"mounts\":[{\"volume\":\"v\",\"path\":\"/.\"}]}] | apps[0].mounts[0].path: must not be /",
                "C11 | \"apps\":[],\"volumes\":[{\"name\":\"v\",\"kind\":\"tmp\"}] | volumes[0].kind: must be host, empty or image",
                "C11 | \"apps\":[],\"volumes\":[{\"name\":\"v\",\"kind\":\"empty\"},{\"name\":\"v\",\"kind\":\"empty\"}] | volumes[1].name: must be unique, but 'v' is there twice",
                "C13 | \"apps\":[],\"volumes\":[{\"name\":\"v\",\"kind\":\"host\"}] | volumes[0].source: is missing",
                "C13 | \"apps\":[],\"volumes\":[{\"name\":\"v\",\"kind\":\"host\",\"source\":\"a\"}] | volumes[0].source: must be absolute, not 'a'",
                "C13 | \"apps\":[],\"volumes\":[{\"name\":\"v\",\"kind\":\"empty\",\"source\":\"/a\"}] | volumes[0].source: must not be there for a volume of kind empty",
                "C14 | \"apps\":[],\"volumes\":[{\"name\":\"v\",\"kind\":\"empty\",\"recursive\":true}] | volumes[0].recursive: must not be there for a volume of kind empty",
                "C15 | \"apps\":[],\"volumes\":[{\"name\":\"v\",\"kind\":\"host\",\"source\":\"/a\",\"uid\":1}] | volumes[0].uid: must not be there for a volume of kind host",
                "C15 | \"apps\":[],\"volumes\":[{\"name\":\"v\",\"kind\":\"empty\",\"mode\":\"0999\"}] | volumes[0].mode: must be octal digits such as 0755, not '0999'",
                "C15 | \"apps\":[],\"volumes\":[{\"name\":\"v\",\"kind\":\"empty\",\"mode\":755}] | volumes[0].mode: must be a string",
                "C15 | \"apps\":[],\"volumes\":[{\"name\":\"v\",\"kind\":\"empty\",\"gid\":-1}] | volumes[0].gid: must be a whole number from 0 to 4294967294",
                "C20 | \"apps\":[],\"ports\":[{\"name\":\"p\",\"hostPort\":70000}] | ports[0].hostPort: must be a whole number from 1 to 65535",
                "C20 | \"apps\":[],\"ports\":[{\"name\":\"p\"}] | ports[0].hostPort: is missing",
                "C21 | \"apps\":[],\"ports\":[{\"name\":\"p\",\"hostPort\":1,\"hostIP\":\"::1\"}] | ports[0].hostIP: must be an IPv4 address such as 192.0.2.1, not '::1'",
                "C21 | \"apps\":[],\"ports\":[{\"name\":\"p\",\"hostPort\":1,\"hostIP\":\"1.2.3.256\"}] | ports[0].hostIP: must be an IPv4 address such as 192.0.2.1, not '1.2.3.256'",
            })
    void a_pod_is_refused(String number, String json, String reason) {
        refused("pod manifest", POD.formatted(json), reason);
    }

    private static void refused(String what, String json, String reason) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        var e = assertThrows(AestusException.class, () -> {
            if (what.startsWith("image")) {
                ImageManifest.read(bytes);
            } else {
                PodManifest.read(bytes);
            }
        });
        assertEquals("cannot read " + what + ": " + reason, e.message());
        assertEquals(Problem.INVALID, e.problem());
    }
}
