package io.aestus.appc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.json.Json;
import io.aestus.json.JsonReader;
import io.aestus.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** G22–G33, I4, I16, I17, J2. */
class IsolatorsTest {
    @ParameterizedTest(name = "{0} {1} {2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "A7 | resource/memory | - | .value: is missing",
                "J2 | resource/memory | null | .value: is missing",
                "A7 | Foo | 1 | .name: must be lower-case letters and digits, separated by any of - . _ ~ /, not 'Foo'",
                "A7 | example.com/x | - | .value: is missing",
                "G22 | os/linux/capabilities-retain-set | {} | .value.set: is missing",
                "G22 | os/linux/capabilities-retain-set | {\"set\":[\"kill\"]} | .value.set[0]: must be a capability such as CAP_KILL",
                "G23 | os/linux/capabilities-remove-set | {\"set\":[]} | .value.set: must not be empty",
                "G24 | os/linux/seccomp-retain-set | {\"set\":[]} | .value.set: must not be empty",
                "G24 | os/linux/seccomp-retain-set | {\"set\":[\"re ad\"]} | .value.set[0]: must be a system call or a group such as @appc.io/all",
                "G25 | os/linux/seccomp-remove-set | {\"set\":[\"read\"],\"errno\":\"eperm\"} | .value.errno: must be the name of an error such as EPERM",
                "I16 | os/linux/seccomp-retain-set | {\"set\":[\"@appc.io/empty\"]} | .value.set[0]: must not be @appc.io/empty here",
                "I16 | os/linux/seccomp-remove-set | {\"set\":[\"@appc.io/all\"]} | .value.set[0]: must not be @appc.io/all here",
                "G26 | os/linux/no-new-privileges | \"true\" | .value: must be true or false",
                "G27 | os/linux/selinux-context | {\"user\":\"a:b\",\"role\":\"r\",\"type\":\"t\",\"level\":\"l:x\"} | .value.user: must not contain ':'",
                "G27 | os/linux/selinux-context | {\"user\":\"u\",\"role\":\"r\",\"type\":\"t\"} | .value.level: is missing",
                "G28 | os/linux/apparmor-profile | {\"profile\":\"\"} | .value.profile: must not be empty",
                "G29 | os/linux/oom-score-adj | -1001 | .value: must be a whole number from -1000 to 1000",
                "G29 | os/linux/cpu-shares | 1 | .value: must be a whole number from 2 to 262144",
                "G30 | os/unix/sysctl | {\"net.ipv4.ip_forward\":1} | .value['net.ipv4.ip_forward']: must be a string",
                "G30 | os/unix/sysctl | {\"net/../../etc/passwd\":\"1\"} | .value['net/../../etc/passwd']: must be named like net.ipv4.tcp_keepalive_time",
                "G31 | resource/cpu | {\"default\":true,\"limit\":1} | .value.default: must not be true: this limit has no devices",
                "I17 | resource/cpu | {} | .value: must have a request or a limit",
                "G33 | resource/memory | {\"request\":\"2G\",\"limit\":\"1G\"} | .value.request: must not be above the limit 1G",
                "G33 | resource/memory | {\"limit\":\"-1\"} | .value.limit: must not be negative, not '-1'",
                "G33 | resource/memory | {\"limit\":true} | .value.limit: must be a quantity such as \"500m\" or \"16Mi\"",
                "G32 | resource/block-iops | {\"limit\":1} | .value.default: is missing",
                "G32 | resource/block-iops | {\"default\":false,\"limit\":1} | .value.default: must be true",
                "G32 | resource/block-bandwidth | {\"default\":true,\"limit\":1,\"request\":1} | .value.request: must not be there: this isolator has a limit only",
                "G32 | resource/network-bandwidth | {\"default\":true} | .value.limit: is missing",
            })
    void a_known_isolator_with_a_wrong_value_is_refused(String number, String name, String value, String reason) {
        var e = assertThrows(AestusException.class, () -> read(isolator(name, value)));
        assertEquals("cannot read test: [0]" + reason, e.message());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "os/linux/no-new-privileges | true | os/linux/no-new-privileges | true | must not have os/linux/no-new-privileges twice",
                "os/linux/capabilities-retain-set | {\"set\":[]} | os/linux/capabilities-remove-set | {\"set\":[\"CAP_KILL\"]} | must not have both os/linux/capabilities-remove-set and os/linux/capabilities-retain-set",
                "os/linux/seccomp-remove-set | {\"set\":[\"read\"]} | os/linux/seccomp-retain-set | {\"set\":[\"read\"]} | must not have both os/linux/seccomp-retain-set and os/linux/seccomp-remove-set",
            })
    void isolators_that_contradict_each_other_are_refused(
            String first, String value, String second, String other, String reason) {
        var e = assertThrows(AestusException.class, () -> read(isolator(first, value) + "," + isolator(second, other)));
        assertEquals("cannot read test: [1]: " + reason, e.message());
    }

    @Test
    void contradictions_are_refused_wherever_they_are_put_together() {
        var retain = new LinuxIsolator.CapabilitiesRetainSet(List.of());
        var remove = new LinuxIsolator.CapabilitiesRemoveSet(List.of("CAP_KILL"));
        var e = assertThrows(AestusException.class, () -> Isolators.of(retain, remove));
        assertEquals(
                "cannot isolate by os/linux/capabilities-remove-set: must not have both "
                        + "os/linux/capabilities-remove-set and os/linux/capabilities-retain-set",
                e.message());
    }

    @Test
    void i4_an_unknown_isolator_is_kept_with_its_value_even_twice() {
        Isolators isolators =
                read(isolator("example.com/x", "{\"a\":[null]}") + "," + isolator("example.com/x", "null"));
        assertEquals(2, isolators.unknown().size());
        assertEquals(isolators, Isolators.read(JsonReader.read(JsonWriter.compact(isolators.toJson()), "test")));
    }

    @Test
    void g31_the_request_defaults_to_the_limit() {
        var memory = read(isolator("resource/memory", "{\"limit\":\"1Gi\"}"))
                .find(ResourceIsolator.Memory.class)
                .orElseThrow();
        assertEquals(Quantity.parse("1Gi"), memory.guaranteed());
        assertEquals(Optional.empty(), memory.request());
    }

    @Test
    void an_empty_errno_means_none() {
        var seccomp = read(isolator("os/linux/seccomp-retain-set", "{\"set\":[\"read\",\"read\"],\"errno\":\"\"}"))
                .find(LinuxIsolator.Seccomp.class)
                .orElseThrow();
        assertEquals(Optional.empty(), seccomp.errno());
        assertEquals(List.of("read"), seccomp.set());
    }

    @Test
    void an_isolator_replaces_the_one_of_its_name() {
        var one = Isolators.of(
                ResourceIsolator.Cpu.limit(Quantity.ofMilli(500)), new LinuxIsolator.NoNewPrivileges(false));
        var two = one.with(new LinuxIsolator.NoNewPrivileges(true));
        assertEquals(2, two.all().size());
        assertTrue(two.find(LinuxIsolator.NoNewPrivileges.class).orElseThrow().isSet());
        assertEquals(3, two.with(new LinuxIsolator.OomScoreAdj(1)).all().size());
    }

    @Test
    void an_isolator_knows_its_scope() {
        var sysctl = new Isolator.Sysctl(Map.of());
        assertFalse(sysctl.appliesToApps());
        assertTrue(sysctl.appliesToPods());
        assertFalse(new LinuxIsolator.OomScoreAdj(0).appliesToPods());
        assertTrue(new LinuxIsolator.SelinuxContext("u", "r", "t", "l").appliesToPods());
        assertTrue(new Isolator.Unknown("x", Json.of(1)).appliesToPods());
    }

    private static String isolator(String name, String value) {
        return "{\"name\":\"" + name + "\"" + (value.equals("-") ? "" : ",\"value\":" + value) + "}";
    }

    private static Isolators read(String elements) {
        return Isolators.read(JsonReader.read(("[" + elements + "]").getBytes(StandardCharsets.UTF_8), "test"));
    }
}
