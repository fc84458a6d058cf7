package io.aestus.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.aestus.json.JsonView;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AppNoticeTest {
    @Test
    void what_is_told_adds_up() {
        AppNotice told = AppNotice.NONE.after("STATUS=reading\nX_OWN=1\n");
        assertEquals(new AppNotice(false, false, "reading"), told);
        told = told.after("READY=1\nMAINPID=7");
        assertEquals(new AppNotice(true, false, "reading"), told);
        told = told.after("STATUS=ending\nSTOPPING=1");
        assertEquals(new AppNotice(false, true, "ending"), told);
        assertEquals(told, AppNotice.read(JsonView.of(told.toJson(), "a notice")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "READY", "READY=0", "READY=11", " READY=1", "ready=1", "\0READY=1", "READY=1 ", "=", "\n\n"})
    void what_is_no_notice_says_nothing(String message) {
        assertEquals(AppNotice.NONE, AppNotice.NONE.after(message));
    }

    @Test
    void a_text_without_end_is_cut() {
        assertEquals(
                1024, AppNotice.NONE.after("STATUS=" + "x".repeat(4000)).text().length());
    }
}
