package io.aestus.oci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aestus.AestusException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OciReferenceTest {
    private static final String DIGEST = "sha256:" + "ab".repeat(32);

    @ParameterizedTest
    @CsvSource({
        "nginx, docker.io/library/nginx:latest",
        "nginx:1.27, docker.io/library/nginx:1.27",
        "grafana/loki, docker.io/grafana/loki:latest",
        "docker.io/nginx, docker.io/library/nginx:latest",
        "index.docker.io/library/nginx, docker.io/library/nginx:latest",
        "example.com/web:1.2, example.com/web:1.2",
        "localhost/web, localhost/web:latest",
        "localhost:5000/a/b__c/d-e.f:X_1, localhost:5000/a/b__c/d-e.f:X_1",
        "[::1]:5000/web, [::1]:5000/web:latest",
    })
    void a_name_is_completed_as_docker_does(String text, String whole) {
        assertEquals(whole, OciReference.parse(text).toString());
        assertEquals(whole, OciReference.parse(whole).toString());
    }

    @Test
    void a_digest_decides_beside_a_tag() {
        OciReference name = OciReference.parse("nginx:1.27@" + DIGEST);
        assertEquals(DIGEST, name.version());
        assertEquals("docker.io/library/nginx@" + DIGEST, name.decisive().toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/web",
                "Nginx",
                "example.com/Web",
                "example.com/",
                "example.com/a//b",
                "example.com/../b",
                "example.com/web:",
                "example.com/web:a/b",
                "example.com/web:-x",
                "example.com:port/web",
                "user@example.com/web",
                "example.com/web@sha256:12",
                "example.com/web@md5:d41d8cd98f00b204e9800998ecf8427e",
                "exa mple.com/web",
                "example.com/web\n:1",
            })
    void what_is_no_name_is_refused(String text) {
        assertThrows(AestusException.class, () -> OciReference.parse(text));
    }
}
