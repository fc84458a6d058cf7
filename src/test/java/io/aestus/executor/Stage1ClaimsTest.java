package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of what each isolation enforces is what is true: every cell is tried. */
@Tag("host")
class Stage1ClaimsTest {
    private static final Path DOCUMENT = Path.of("docs/stage1.md");

    @TempDir
    Path directory;

    static Stream<Isolation> isolations() {
        return Stream.of(Isolation.NATIVE, Isolation.FLY, Isolation.OCI_CRUN, Isolation.OCI_RUNC, Isolation.OCI_RUNSC);
    }

    private static List<List<String>> table() throws IOException {
        return Files.readAllLines(DOCUMENT).stream()
                .dropWhile(line -> !line.startsWith("| Claim |"))
                .takeWhile(line -> line.startsWith("|"))
                .map(line -> List.of(line.substring(1).strip().split("\\s*\\|\\s*", -1)))
                .toList();
    }

    private static String column(Isolation isolation) {
        return "`" + isolation.name().toLowerCase(Locale.ROOT).replace('_', ':') + "`";
    }

    @Test
    void the_table_has_every_claim_and_every_isolation() throws IOException {
        var table = table();
        assertEquals(
                Stream.of(Claim.values()).map(Claim::sentence).toList(),
                table.stream().skip(2).map(List::getFirst).toList());
        assertEquals(
                Stream.concat(Stream.of("Claim"), isolations().map(Stage1ClaimsTest::column))
                        .toList(),
                table.getFirst().stream().filter(cell -> !cell.isEmpty()).toList());
    }

    @ParameterizedTest
    @MethodSource("isolations")
    void each_claim_of_the_table_is_true(Isolation isolation) throws IOException {
        assumeTrue(isolation.isThere(), () -> "there is no " + column(isolation));
        var table = table();
        int column = table.getFirst().indexOf(column(isolation));
        var wrong = new ArrayList<String>();
        try (var host = new Stage1Host(directory, isolation.stage1Name())) {
            for (Claim claim : Claim.values()) {
                String declared = table.stream()
                        .filter(row -> row.getFirst().equals(claim.sentence()))
                        .findFirst()
                        .orElseThrow()
                        .get(column);
                String found = claim.holds(host) ? "yes" : "no";
                if (!declared.equals(found)) {
                    wrong.add(claim.sentence() + ": " + found + ", not " + declared);
                }
            }
        }
        assertEquals(List.of(), wrong);
    }
}
