package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.json.JsonWriter;
import io.aestus.linux.ArgumentTest;
import io.aestus.linux.ArgumentTest.Comparison;
import io.aestus.linux.CapabilitySet;
import io.aestus.linux.DefaultSeccompPolicy;
import io.aestus.linux.SeccompAction;
import io.aestus.linux.SeccompPolicy;
import java.util.List;
import org.junit.jupiter.api.Test;

class OciSeccompTest {
    private static final SeccompAction REFUSED = SeccompAction.errno(1);

    private static String calls(SeccompPolicy policy) {
        String text = JsonWriter.compactText(OciSeccomp.of(policy));
        return text.substring(text.indexOf("\"syscalls\":") + 11, text.length() - 1);
    }

    @Test
    void values_that_are_refused_before_the_rest_become_the_values_between_them() {
        var policy = SeccompPolicy.otherwise(REFUSED)
                .on("socket", REFUSED, ArgumentTest.ofInt(0, Comparison.EQUAL, 40))
                .on("socket", REFUSED, ArgumentTest.ofInt(0, Comparison.EQUAL, 38))
                .on("socket", SeccompAction.ALLOW)
                .build();
        String entry =
                "{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":%s,\"op\":\"%s\"}]}";
        assertEquals(
                "[" + entry.formatted(38, "SCMP_CMP_LT") + "," + entry.formatted(40, "SCMP_CMP_GT") + ","
                        + entry.formatted(39, "SCMP_CMP_EQ") + "]",
                calls(policy));
    }

    @Test
    void what_the_default_does_is_not_said_again() {
        var policy = SeccompPolicy.otherwise(REFUSED)
                .on(List.of("mount", "umount2"), REFUSED)
                .on("read", SeccompAction.ALLOW)
                .build();
        assertEquals("[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\"}]", calls(policy));
    }

    @Test
    void a_mask_is_tested_as_a_mask() {
        var policy = SeccompPolicy.otherwise(REFUSED)
                .on("clone", SeccompAction.ALLOW, ArgumentTest.noneOf(0, 0x7e02_0000L))
                .build();
        assertEquals(
                "[{\"names\":[\"clone\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":2114060288,\"valueTwo\":0,"
                        + "\"op\":\"SCMP_CMP_MASKED_EQ\"}]}]",
                calls(policy));
    }

    @Test
    void the_default_policy_has_a_form_whatever_the_app_may() {
        for (var capabilities : List.of(CapabilitySet.NONE, CapabilitySet.STANDARD, CapabilitySet.ALL)) {
            String text = JsonWriter.compactText(OciSeccomp.of(DefaultSeccompPolicy.of(capabilities)));
            assertTrue(text.startsWith("{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":1,"), text);
        }
    }
}
