package io.aestus.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.aestus.AestusException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NodeSettingsTest {
    private static NodeSettings read(Map<String, String> set) {
        return NodeSettings.read(name -> set.get(name));
    }

    @Test
    void what_nobody_sets_has_the_default_of_the_table() {
        NodeSettings settings = read(Map.of());
        assertEquals(Path.of("/var/lib/aestus"), settings.dir());
        assertEquals(Optional.of(Path.of("/run/aestus/cri.sock")), settings.criSocket());
        assertEquals(NodeSettings.Watching.AUTO, settings.kubernetes());
        assertEquals(Duration.ofHours(24), settings.gcGrace());
        assertFalse(settings.nodeName().isEmpty());
    }

    @Test
    void another_directory_has_its_sockets_within() {
        assertEquals(
                Optional.of(Path.of("/srv/second/run/cri.sock")),
                read(Map.of("aestus.dir", "/srv/second")).criSocket());
    }

    @Test
    void a_bad_value_names_its_setting() {
        var refused = assertThrows(AestusException.class, () -> read(Map.of("aestus.gc.grace", "soon")));
        assertEquals(
                "cannot read setting aestus.gc.grace: 'soon' is not a duration such as 30s, 10m or 24h",
                refused.getMessage());
    }

    @Test
    void the_command_line_sets_by_option_and_by_name() {
        var arguments = AgentArguments.parse(
                List.of("agent", "--dir=/a", "--manifests", "/b", "--set", "aestus.gc.grace=1h", "--config-dir", "/c"));
        assertEquals(
                Map.of(
                        "aestus.dir", "/a",
                        "aestus.manifests.dir", "/b",
                        "aestus.gc.grace", "1h",
                        "aestus.config.dir", "/c"),
                arguments.settings());
        assertEquals(Optional.of(Path.of("/c")), arguments.configDir());
    }

    @Test
    void a_setting_that_does_not_exist_is_refused() {
        assertThrows(
                IllegalArgumentException.class, () -> AgentArguments.parse(List.of("agent", "--set", "aestus.dri=/a")));
    }

    @Test
    void words_are_separated_by_commas() {
        assertEquals(
                Set.of("image", "http"),
                read(Map.of("aestus.insecure.options", "image, http")).insecure());
    }
}
