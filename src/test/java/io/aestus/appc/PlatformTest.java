package io.aestus.appc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aestus.AestusException;
import io.aestus.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A9. */
class PlatformTest {
    @Test
    void this_machine_has_a_platform() {
        assertEquals("linux", Platform.host().os());
    }

    @ParameterizedTest
    @CsvSource({
        "Linux, amd64, linux/amd64",
        "Linux, aarch64, linux/aarch64",
        "Linux, ppc64le, linux/ppc64le",
        "Linux, s390x, linux/s390x",
        "Linux, arm, linux/armv7l",
        "FreeBSD, amd64, freebsd/amd64",
        "Darwin, x86_64, darwin/x86_64",
    })
    void java_names_become_those_of_appc(String os, String arch, String platform) {
        assertEquals(platform, Platform.ofJava(os, arch).toString());
    }

    @ParameterizedTest
    @CsvSource({
        "linux, 386, '', linux/i386",
        "linux, amd64, '', linux/amd64",
        "linux, arm64, v8, linux/aarch64",
        "linux, arm, v7, linux/armv7l",
        "linux, arm, v6, linux/armv6l",
        "darwin, amd64, '', darwin/x86_64",
    })
    void oci_names_become_those_of_appc(String os, String arch, String variant, String platform) {
        assertEquals(platform, Platform.ofOci(os, arch, variant).toString());
    }

    @Test
    void what_appc_has_no_word_for_is_unsupported() {
        assertEquals(
                Problem.UNSUPPORTED,
                assertThrows(AestusException.class, () -> Platform.ofJava("Linux", "riscv64"))
                        .problem());
        assertThrows(AestusException.class, () -> Platform.ofOci("windows", "amd64", ""));
        assertThrows(AestusException.class, () -> new Platform("linux", "x86_64"));
    }
}
