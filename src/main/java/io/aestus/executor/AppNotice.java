package io.aestus.executor;

import io.aestus.json.JsonObject;
import io.aestus.json.JsonView;

/**
 * What an app has told of itself by sd_notify since it was started.
 *
 * @param isReady whether it said that it is, and not that it is about to end
 * @param isStopping whether it said that it is about to end
 * @param text what it said it is doing, for people, as it said it; empty if it did not
 * @see <a href="https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html">sd_notify(3)</a>
 */
public record AppNotice(boolean isReady, boolean isStopping, String text) {
    /** Nothing yet. */
    static final AppNotice NONE = new AppNotice(false, false, "");

    private static final int MAX_LENGTH = 1024;

    /** After a message, whose lines this does not know count for nothing. */
    AppNotice after(String message) {
        AppNotice told = this;
        for (String line : message.split("\n", -1)) {
            if (line.equals("READY=1")) {
                told = new AppNotice(true, false, told.text);
            } else if (line.equals("STOPPING=1")) {
                told = new AppNotice(false, true, told.text);
            } else if (line.startsWith("STATUS=")) {
                String said = line.substring("STATUS=".length());
                told = new AppNotice(
                        told.isReady, told.isStopping, said.substring(0, Math.min(said.length(), MAX_LENGTH)));
            }
        }
        return told;
    }

    JsonObject toJson() {
        return JsonObject.builder()
                .putIfTrue("isReady", isReady)
                .putIfTrue("isStopping", isStopping)
                .put("text", text)
                .build();
    }

    static AppNotice read(JsonView view) {
        return new AppNotice(
                view.isTrue("isReady"),
                view.isTrue("isStopping"),
                view.required("text").string());
    }
}
