package io.aestus.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class AppPodDefinitionTest {
    static final Path FILE = Path.of("deploy/crds/apppods.aestus.io-v1.yml");
    static final Path IN_CHART = Path.of("helm/aestus/crds/apppods.aestus.io-v1.yml");

    @Test
    void the_checked_in_definition_is_the_one_of_the_records() throws IOException {
        String generated = AppPodDefinition.yaml();
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(FILE, generated);
            Files.writeString(IN_CHART, generated);
        }
        assertEquals(generated, Files.readString(FILE), FILE + " is old: run this test with -Dgolden.update=true");
    }

    @Test
    void the_chart_carries_the_same_definition() throws IOException {
        assertEquals(Files.readString(FILE), Files.readString(IN_CHART), IN_CHART + " differs from " + FILE);
    }
}
