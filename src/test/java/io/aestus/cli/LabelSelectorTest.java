package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LabelSelectorTest {
    private static final Map<String, String> LABELS =
            Map.of("app", "web", "tier", "front", "example.com/rev", "7", "empty", "");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "app=web | true",
                "app==web | true",
                "app=db | false",
                "app!=db | true",
                "app!=web | false",
                "none!=x | true",
                "app=web,tier=front | true",
                "app=web,tier=back | false",
                "app in (db, web) | true",
                "app in (db) | false",
                "app notin (db,web) | false",
                "none notin (x) | true",
                "app | true",
                "none | false",
                "!none | true",
                "!app | false",
                "example.com/rev = 7 , app | true",
                "empty= | true",
                "empty in (,x) | true",
                "app in (web),!none,tier notin (back) | true",
            })
    void says_of_which_labels_it_holds(String selector, boolean holds) {
        assertEquals(holds, LabelSelector.parse(selector).matches(LABELS), selector);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ",", "=web", "app=web,", "app in", "app in web", "app in (web", "app web", "!", "a=b=c"})
    void what_is_no_selector_is_refused_with_its_place(String selector) {
        var error = assertThrows(WrongUsage.class, () -> LabelSelector.parse(selector));
        assertTrue(error.message().startsWith("cannot read --selector"), error.message());
    }
}
