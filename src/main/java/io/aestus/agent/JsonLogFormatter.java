package io.aestus.agent;

import io.aestus.json.Json;
import io.aestus.json.JsonObject;
import io.aestus.json.JsonWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.jboss.logmanager.ExtFormatter;
import org.jboss.logmanager.ExtLogRecord;

/** A log record as one line of JSON, for those who collect logs. */
final class JsonLogFormatter extends ExtFormatter {
    @Override
    public String format(ExtLogRecord record) {
        var line = JsonObject.builder()
                .put("time", record.getInstant().toString())
                .put("level", record.getLevel().getName())
                .put("logger", String.valueOf(record.getLoggerName()))
                .put("thread", String.valueOf(record.getThreadName()))
                .put("message", formatMessage(record));
        Throwable thrown = record.getThrown();
        if (thrown != null) {
            var trace = new StringWriter();
            thrown.printStackTrace(new PrintWriter(trace));
            line.put("error", Json.of(trace.toString()));
        }
        return JsonWriter.compactText(line.build()) + "\n";
    }
}
