package io.aestus.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aestus.AestusException;
import io.aestus.appc.AcIdentifier;
import io.aestus.appc.App;
import io.aestus.appc.ImageId;
import io.aestus.appc.ImageManifest;
import io.aestus.appc.RuntimeApp;
import io.aestus.appc.RuntimeImage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What is said after an image. */
class AppOverridesTest {
    private static RuntimeApp app(String... words) {
        var image = ImageManifest.named(AcIdentifier.parse("example.com/web"))
                .withApp(App.running(List.of("/web")).build());
        return AppOverrides.apply(
                new CommandLine(AppOverrides.spec().name("run")).parseArgs(words),
                List.of(),
                RuntimeImage.of(new ImageId("a".repeat(128))),
                image,
                Map.of(),
                List.of());
    }

    @Test
    void the_time_of_handlers_is_an_annotation_of_the_app() {
        assertEquals(
                Optional.of(Duration.ofSeconds(90)),
                app("--event-handler-timeout=1m30s", "--annotation=example.com/a=b")
                        .annotations()
                        .eventHandlerTimeout());
        assertEquals(Optional.empty(), app().annotations().eventHandlerTimeout());
    }

    @ParameterizedTest
    @CsvSource({
        "--event-handler-timeout=25h, it is not from 1s to 24h",
        "--event-handler-timeout=0, it is not from 1s to 24h",
        "--annotation=aestus.io/event-handler-timeout=soon, must be a duration from 1s to 24h",
        "--annotation=created=yesterday, --annotation",
    })
    void what_would_make_no_manifest_is_refused(String word, String reason) {
        var wrong = assertThrows(AestusException.class, () -> app(word));
        assertTrue(wrong.message().contains(reason), wrong.message());
    }
}
