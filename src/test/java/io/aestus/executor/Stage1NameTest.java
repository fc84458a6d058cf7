package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Stage1NameTest {
    @ParameterizedTest
    @ValueSource(strings = {"native", "fly", "oci:/bin/sh"})
    void a_name_is_read_as_it_is_written(String text) {
        assertEquals(text, Stage1Name.parse(text).toString());
    }

    @Test
    void a_runtime_that_is_named_by_a_word_is_recorded_by_its_path() {
        String name = Stage1Name.parse("oci:sh").toString();
        assertTrue(name.startsWith("oci:/") && name.endsWith("/sh"), name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Native", "oci", "oci:", "kvm"})
    void what_is_no_isolation_is_refused(String text) {
        assertEquals(
                Problem.INVALID,
                assertThrows(AestusException.class, () -> Stage1Name.parse(text))
                        .problem());
    }

    @ParameterizedTest
    @ValueSource(strings = {"oci:no-such-runtime", "oci:/no/such/runtime", "oci:./sh", "oci:/bin", "oci:../bin/sh"})
    void a_runtime_that_is_not_there_is_not_found(String text) {
        var refused = assertThrows(AestusException.class, () -> Stage1Name.parse(text));
        assertEquals(Problem.NOT_FOUND, refused.problem());
        assertTrue(refused.message().endsWith(": there is no such program"), refused::message);
    }
}
