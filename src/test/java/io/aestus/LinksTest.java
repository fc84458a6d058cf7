package io.aestus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the documents point to is there. */
class LinksTest {
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]*)(?:#([^)\\s]*))?\\)");
    private static final List<Path> PLACES =
            List.of(Path.of("docs"), Path.of("helm"), Path.of("examples"), Path.of("deploy"));

    private static List<Path> documents() throws IOException {
        var found = new ArrayList<Path>();
        try (Stream<Path> top = Files.list(Path.of(""))) {
            top.forEach(found::add);
        }
        for (Path place : PLACES) {
            try (Stream<Path> below = Files.walk(place)) {
                below.forEach(found::add);
            }
        }
        return found.stream().filter(file -> file.toString().endsWith(".md")).toList();
    }

    @Test
    void every_link_between_documents_leads_somewhere() throws IOException {
        var dead = new ArrayList<String>();
        int links = 0;
        for (Path document : documents()) {
            var link = LINK.matcher(Files.readString(document));
            while (link.find()) {
                String target = link.group(1);
                if (target.contains("://")) {
                    continue;
                }
                links++;
                Path file = target.isEmpty()
                        ? document
                        : Path.of("").resolve(document).resolveSibling(target).normalize();
                boolean isThere = Files.exists(file);
                if (!isThere || (link.group(2) != null && !hasHeading(file, link.group(2)))) {
                    dead.add(document + ": " + link.group());
                }
            }
        }
        assertTrue(links > 10, links + " links were looked at");
        assertEquals(List.of(), dead);
    }

    /** As forges name them: small letters, dashes for blanks, no punctuation. */
    private static boolean hasHeading(Path file, String anchor) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("^#+ ", "")
                        .toLowerCase(java.util.Locale.ROOT)
                        .replaceAll("[^a-z0-9 _-]", "")
                        .replace(' ', '-'))
                .anyMatch(anchor::equals);
    }
}
